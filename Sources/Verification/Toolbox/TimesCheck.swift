import Flows

/// `u`; the times of logit_normal/MEAN/DEVIATION, shift/S, cosine_map.
enum TimesCheck: ToolboxCheck {
    static let kind = "times"

    static func comparisons(_ file: ToolboxFile, _ evaluator: Evaluator) throws -> [Comparison] {
        try file.parts.filter { $0 != ["u"] }.flatMap { parts -> [Comparison] in
            let name = parts.joined(separator: "/")
            guard let times = times(parts[0], parts.dropFirst().compactMap { Double($0) }) else {
                return [unknown("distribution of times", name)]
            }
            return try Precision.both(1e-5, 1e-9).map { precision in
                let results = try evaluator([file.array("u")], precision.type) { [times.times(of: $0[0])] }
                return precision.compare(name, results[0], try file.array(name))
            }
        }
    }

    private static func times(_ name: String, _ numbers: [Double]) -> (any TimeDistribution)? {
        switch (name, numbers.count) {
        case ("logit_normal", 2):
            var times = LogitNormalTimes()
            (times.mean, times.deviation) = (numbers[0], numbers[1])
            return times
        case ("shift", 1):
            var times = ShiftedTimes()
            times.shift = numbers[0]
            return times
        case ("cosine_map", 0): return CosineMappedTimes()
        default: return nil
        }
    }
}
