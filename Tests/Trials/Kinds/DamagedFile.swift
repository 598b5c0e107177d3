import Foundation

/// A file that a run consists of, or its data, is damaged; then the run is resumed, sampled and exported.
enum DamagedFile: TrialKind {
    static let name = "damaged file"

    static func perform(_ trial: Trial) throws {
        let run = try trial.copyOfCutOffRun()
        let paths = try FileManager.default.subpathsOfDirectory(atPath: run.path).sorted().filter {
            $0.contains("step-") || $0 == "config.json" || $0 == "metrics.jsonl" || $0.hasPrefix("events")
        }
        // Each part of a run as often as the others, however many files it has.
        let parts = Dictionary(grouping: paths) { $0.prefix(6) }
        let part = trial.draw(from: parts.keys.sorted())
        let path = trial.draw(from: parts[part] ?? [])
        let file = run.appendingPathComponent(path)
        let whole = try Data(contentsOf: file)
        let damage = Damage.draw(whole.count, using: &trial.random)
        trial.note("\(path): \(damage)")
        if let bytes = damage.applied(to: whole) {
            try bytes.write(to: file)
        } else {
            try FileManager.default.removeItem(at: file)
        }

        let array = trial.folder.appendingPathComponent("sample.npy")
        let sampled = try trial.launch(Command(Workshop.sampleArguments(run, to: array)))
        try trial.expectClear(sampled, or: 0)
        if sampled.ending == .exit(0) {
            let pictured = try Data(contentsOf: array)
            guard try trial.workshop.samples().contains(pictured) else {
                throw Fault(.loss, "samples of damaged weights were taken for samples")
            }
        }
        guard path == "config.json" else {
            try trial.heal(run, damaged: path)
            return
        }
        // Damage may have turned it into the file of a run that is longer, or recorded otherwise: not of another.
        let resumed = try trial.launch(trial.workshop.resume(run))
        try trial.expectClear(resumed, or: 0)
        let (metrics, expected) = (RunState(run).metrics, RunState(trial.workshop.reference.run).metrics)
        let known = ["step", "loss", "gradient_norm", "learning_rate"]
        for (record, other) in zip(metrics, expected) where known.contains(where: { !same(record, other, $0) }) {
            throw Fault(.loss, "with a damaged config.json the run became another")
        }
    }

    private static func same(_ one: NSDictionary?, _ other: NSDictionary?, _ key: String) -> Bool {
        (one?[key] as? NSNumber) == (other?[key] as? NSNumber)
    }
}

/// What may happen to bytes on a disk.
enum Damage: Equatable, CustomStringConvertible {
    case flipped(bit: Int)
    case cut(Int)
    case zeroed(Range<Int>)
    case extended(Int)
    case removed

    static func draw(_ count: Int, using random: inout TrialRandom) -> Damage {
        let place = Int.random(in: 0..<max(1, count), using: &random)
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<4: return .flipped(bit: place * 8 + Int.random(in: 0..<8, using: &random))
        case 4, 5: return .cut(place)
        case 6, 7: return .zeroed(place..<min(count, place + Int.random(in: 1...4096, using: &random)))
        case 8: return .extended(Int.random(in: 1...64, using: &random))
        default: return .removed
        }
    }

    /// The damaged bytes; nil where the file is gone.
    func applied(to data: Data) -> Data? {
        var data = data
        switch self {
        case .flipped(let bit): if !data.isEmpty { data[bit / 8] ^= 1 << UInt8(bit % 8) }
        case .cut(let count): data = data.prefix(count)
        case .zeroed(let range): for index in range { data[index] = 0 }
        case .extended(let count): data += Data(repeating: 0xA5, count: count)
        case .removed: return nil
        }
        return data
    }

    var description: String {
        switch self {
        case .flipped(let bit): "bit \(bit % 8) of byte \(bit / 8) flipped"
        case .cut(let count): "cut to \(count) bytes"
        case .zeroed(let range): "bytes \(range.lowerBound) to \(range.upperBound - 1) zeroed"
        case .extended(let count): "\(count) bytes appended"
        case .removed: "removed"
        }
    }
}
