/// Which images of a data set without a test split of its own are for testing: a part drawn by a seed.
struct SeededSplit: Equatable {
    let fraction: Double
    let seed: UInt64

    static let fractionSummary = "Share of the images that is for testing, where the data has no test split of its own."
    static let seedSummary = "Seed of the draw of those images."

    /// For an identity.
    func description(_ split: DatasetSplit) -> String { "\(split.rawValue), \(fraction) for testing by seed \(seed)" }

    /// The images of a split, ascending; at least one for training, and at least one for testing where there are two.
    ///
    /// - Returns: positions below `count`
    func indices(of split: DatasetSplit, count: Int) -> [Int] {
        guard count > 0 else { return [] }
        let wanted = Int((Double(count) * fraction).rounded())
        let testCount = min(max(wanted, 1), count - 1)
        // The images of the smallest numbers, which are drawn for each position alone.
        let ranked = (0..<count).sorted { (number(of: $0), $0) < (number(of: $1), $1) }
        return (split == .test ? ranked.prefix(testCount) : ranked.dropFirst(testCount)).sorted()
    }

    /// A number of 64 bits that looks like chance (SplitMix64, Steele, Lea and Flood 2014).
    private func number(of index: Int) -> UInt64 {
        var value = seed &* 0xD1B5_4A32_D192_ED03 &+ UInt64(index) &* 0x9E37_79B9_7F4A_7C15 &+ 0x9E37_79B9_7F4A_7C15
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}

extension ImageDataset {
    /// The images of one split of these.
    ///
    /// - Throws: `DatasetError.notToBeSplit` where one image alone is to be tested on.
    func part(_ split: DatasetSplit, _ parts: SeededSplit) throws(DatasetError) -> ImageDataset {
        let indices = parts.indices(of: split, count: count)
        guard !indices.isEmpty else { throw .notToBeSplit(dataset: name) }
        var pixels: [UInt8] = []
        pixels.reserveCapacity(indices.count * channels * width * height)
        for index in indices { pixels += image(at: index) }
        return try ImageDataset(
            name: name, split: split, channels: channels, width: width, height: height, images: pixels,
            labels: indices.map { labels[$0] }, classNames: classNames)
    }
}
