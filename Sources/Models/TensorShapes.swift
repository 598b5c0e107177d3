/// Names and shapes of a state dict's tensors: what a network's sizes can be seen in.
public struct TensorShapes: Sendable {
    private let shapes: [String: [Int]]
    /// How many elements the lists have: of `blocks.0.attn.in_proj_bias`, `blocks` is one.
    private let counts: [String: Int]

    /// - Parameter shapes: of a state dict's tensors, by their names
    package init(_ shapes: [String: [Int]]) {
        self.shapes = shapes
        var indices: [String: Set<Int>] = [:]
        for name in shapes.keys {
            let parts = name.split(separator: ".", omittingEmptySubsequences: false)
            for (place, part) in parts.enumerated().dropFirst() {
                guard let index = Int(part) else { continue }
                indices[parts[..<place].joined(separator: "."), default: []].insert(index)
            }
        }
        counts = indices.mapValues { found in (0...found.count).first { !found.contains($0) } ?? 0 }
    }

    /// The shape of a tensor that has some number of dimensions; nil where there is none such.
    func callAsFunction(_ name: String, rank: Int) -> [Int]? { shapes[name].flatMap { $0.count == rank ? $0 : nil } }

    /// How many elements a list has, counted from 0 to the first that is missing.
    func count(of list: String) -> Int { counts[list] ?? 0 }
}
