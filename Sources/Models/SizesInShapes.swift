package import Settings

/// What a state dict's shapes say of a network's settings.
public struct SizesInShapes: Sendable {
    /// Settings that can be seen, by their names within the network's.
    package private(set) var seen: [(name: String, value: SettingValue)]
    /// Settings that leave no trace and change what the weights compute: somebody has to give them.
    public let needed: [String]
    /// Settings that leave no trace and go with the weights whatever they are.
    public let free: [String]

    init(_ seen: [String: Int], needed: [String] = [], free: [String] = []) {
        self.seen = seen.sorted { $0.key < $1.key }.map { ($0.key, .integer($0.value)) }
        self.needed = needed
        self.free = free
    }

    mutating func add(_ name: String, _ value: some SettingType) { seen.append((name, value.settingValue)) }
}

extension TensorShapes {
    /// What DiT and Mamba have alike; nil where there are no patches.
    func patchSizes(width: String) -> [String: Int]? {
        guard let positions = self("pos_embed", rank: 3), let patches = self("patch_embed.proj.weight", rank: 4),
            let time = self("time_embedder.weights", rank: 2), let labels = self("y_embedder.weight", rank: 2)
        else { return nil }
        var sizes = [
            width: positions[2], "depth": count(of: "blocks"), "patch_size": patches[2], "image_channels": patches[1],
            "num_classes": labels[0] - 1, "y_embed_dim": labels[1],
        ]
        sizes["t_embed_dim"] = doubled(time[1])
        let side = Int(Double(positions[1]).squareRoot().rounded())
        let (area, isLarge) = side.multipliedReportingOverflow(by: side)
        let (pixels, isWide) = side.multipliedReportingOverflow(by: patches[2])
        if !isLarge, !isWide, area == positions[1] { sizes["image_size"] = pixels }
        return sizes
    }

    /// Time features are sines and cosines of each weight; nil where that cannot be counted.
    func doubled(_ count: Int) -> Int? {
        let (size, isLarge) = count.multipliedReportingOverflow(by: 2)
        return isLarge ? nil : size
    }
}
