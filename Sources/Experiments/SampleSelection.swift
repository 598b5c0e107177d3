import Sampling

/// Which images of a run are drawn, and how they stand in a picture. There may be any number of them: none is listed
/// before it is asked for.
public struct SampleSelection: Sendable {
    /// How many images.
    public let count: Int
    /// Images in a row of a picture.
    public let columns: Int
    /// What every row leads between, if it is labels.
    public let blend: Blend?
    /// Whether images have seeds that are not the sampling's.
    let hasOwnSeeds: Bool
    /// The label and the noise of an image, by its place.
    private let label: @Sendable (Int) -> Int
    private let noise: @Sendable (Range<Int>) -> StartingNoise

    /// The way from one label to another.
    public struct Blend: Sendable {
        /// The label at the beginning.
        public let start: Int
        /// The label at the end.
        public let end: Int
        /// Images on the way, both ends included.
        public let steps: Int
    }

    private init(
        count: Int, columns: Int, blend: Blend? = nil, hasOwnSeeds: Bool = false,
        label: @escaping @Sendable (Int) -> Int,
        noise: @escaping @Sendable (Range<Int>) -> StartingNoise
    ) {
        self.count = count
        self.columns = columns
        self.blend = blend
        self.hasOwnSeeds = hasOwnSeeds
        self.label = label
        self.noise = noise
    }

    /// Images of the sampling's seed.
    ///
    /// - Parameters:
    ///   - labels: one for each image
    ///   - first: the number of the first among all images of the seed
    ///   - columns: of a picture
    public init(labels: [Int], first: Int = 0, columns: Int) {
        self.init(
            count: labels.count, columns: columns, label: { labels[$0] },
            noise: { .numbered(from: first + $0.lowerBound) })
    }

    /// The rows of a ``LabelGrid``; wide ones go on below.
    ///
    /// - Throws: ``SamplingRunError/tooManyImages(rows:of:)`` where they cannot be counted.
    public init(gridOf classCount: Int, perClass: Int) throws(SamplingRunError) {
        let rows = LabelGrid.rowLabels(of: classCount)
        self.init(
            count: try SampleSelection.count(rows: classCount == 0 ? perClass : rows.count, of: perClass),
            columns: min(perClass, 40),
            label: { rows[$0 / perClass % rows.count] }, noise: { .numbered(from: $0.lowerBound) })
    }

    /// Images in a row.
    ///
    /// - Parameters:
    ///   - labels: left out, all of them
    ///   - count: how many images, which have labels in turn: image i has that of its number, whichever image is the first to
    ///     be drawn; left out, one image a label
    ///   - first: the number of the first image among all of the seed
    ///   - classCount: labels that the network knows
    public init(_ labels: [Int]?, count: Int?, first: Int, classCount: Int) {
        let turn = labels ?? Array(0..<max(1, classCount))
        let offset = count == nil ? 0 : first % turn.count
        self.init(
            count: count ?? turn.count, columns: SampleSelection.columns(of: count ?? turn.count),
            label: { turn[(offset + $0 % turn.count) % turn.count] },
            noise: { .numbered(from: first + $0.lowerBound) })
    }

    /// The first image of each seed, with labels in turn: left out, all of them.
    public init(seeds: SeedList, labels: [Int]?, classCount: Int) {
        let turn = labels ?? Array(0..<max(1, classCount))
        self.init(
            count: seeds.count, columns: SampleSelection.columns(of: seeds.count), hasOwnSeeds: true,
            label: { turn[$0 % turn.count] },
            noise: { range in .each(range.map { NoiseName(seed: seeds[$0]) }) })
    }

    /// Single images of a seed.
    ///
    /// - Parameters:
    ///   - numbers: of the images among all of the seed
    ///   - labels: one each
    ///   - seed: that of the sampling
    init(numbers: [Int], labels: [Int], seed: UInt64) {
        self.init(
            count: numbers.count, columns: SampleSelection.columns(of: numbers.count), hasOwnSeeds: true,
            label: { labels[$0] },
            noise: { range in .each(range.map { NoiseName(seed: seed, number: numbers[$0]) }) })
    }

    /// A row for each label: from the first image of a seed to that of another.
    ///
    /// - Parameters:
    ///   - start: the seed at the beginning
    ///   - end: the seed at the end
    ///   - steps: images in a row, 2 or more
    ///   - labels: one a row
    /// - Throws: ``SamplingRunError/tooManyImages(rows:of:)`` where they cannot be counted.
    public init(fromSeed start: UInt64, toSeed end: UInt64, steps: Int, labels: [Int]) throws(SamplingRunError) {
        let (start, end) = (NoiseName(seed: start), NoiseName(seed: end))
        self.init(
            count: try SampleSelection.count(rows: labels.count, of: steps), columns: min(steps, 40),
            label: { labels[$0 / steps] },
            noise: { range in
                .arcs(range.map { NoiseArc(from: start, to: end, share: Double($0 % steps) / Double(steps - 1)) })
            })
    }

    /// A row for the first image of each seed: from one label to another. Labels are those of ``BlendedNetwork``.
    ///
    /// - Parameters:
    ///   - start: the label at the beginning
    ///   - end: the label at the end
    ///   - steps: images in a row, 2 or more
    ///   - seeds: one a row
    /// - Throws: ``SamplingRunError/tooManyImages(rows:of:)`` where they cannot be counted.
    public init(fromLabel start: Int, toLabel end: Int, steps: Int, seeds: SeedList) throws(SamplingRunError) {
        self.init(
            count: try SampleSelection.count(rows: seeds.count, of: steps), columns: min(steps, 40),
            blend: Blend(start: start, end: end, steps: steps), hasOwnSeeds: true, label: { $0 % steps },
            noise: { range in .each(range.map { NoiseName(seed: seeds[$0 / steps]) }) })
    }

    private static func columns(of count: Int) -> Int { count > 100 ? 40 : 10 }

    private static func count(rows: Int, of length: Int) throws(SamplingRunError) -> Int {
        let (count, isTooLarge) = rows.multipliedReportingOverflow(by: length)
        if isTooLarge { throw .tooManyImages(rows: rows, of: length) }
        return count
    }

    /// The labels that images are drawn with.
    func labels(_ range: Range<Int>) -> [Int] { range.map(label) }

    /// The labels that a file says images have: on the way between two, the nearer one.
    func labelsOfRecord(_ range: Range<Int>) -> [Int] {
        guard let blend else { return labels(range) }
        return range.map { 2 * label($0) < blend.steps ? blend.start : blend.end }
    }

    func noise(_ range: Range<Int>) -> StartingNoise { noise(range) }
}
