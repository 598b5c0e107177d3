/// The pictures of a folder in the form that they are trained in, in the order of their files.
struct DecodedFolder: Equatable {
    let channels: Int
    let leftOut: [UnreadableFile]
    var labels: [Int32] = []
    /// Of each picture in its own size; see ``ContentChecksum``.
    var digests: [UInt8] = []
    /// Count x channels x side x side.
    var pixels: [UInt8] = []
    /// The least and the greatest width and height of the pictures in their own sizes.
    private(set) var sizes: Sizes?

    struct Sizes: Equatable, Codable {
        var leastWidth: Int
        var leastHeight: Int
        var mostWidth: Int
        var mostHeight: Int
        var areAllSquare: Bool
    }

    init(channels: Int, leftOut: [UnreadableFile], sizes: Sizes? = nil) {
        self.channels = channels
        self.leftOut = leftOut
        self.sizes = sizes
    }

    mutating func include(width: Int, height: Int) {
        guard var sizes else {
            sizes = Sizes(
                leastWidth: width, leastHeight: height, mostWidth: width, mostHeight: height,
                areAllSquare: width == height)
            return
        }
        sizes.leastWidth = min(sizes.leastWidth, width)
        sizes.leastHeight = min(sizes.leastHeight, height)
        sizes.mostWidth = max(sizes.mostWidth, width)
        sizes.mostHeight = max(sizes.mostHeight, height)
        sizes.areAllSquare = sizes.areAllSquare && width == height
        self.sizes = sizes
    }

    /// Which of the pictures make a split.
    enum Part {
        /// All: they lie in a folder of that split.
        case files(DatasetSplit)
        case drawn(DatasetSplit, SeededSplit)
    }

    /// The data set of a split.
    ///
    /// - Throws: `DatasetError`, such as `notToBeSplit`
    func dataset(
        name: String, classNames: [String], _ form: PictureForm, _ part: Part
    ) throws(DatasetError) -> LoadedDataset {
        let (size, digestSize) = (channels * form.side * form.side, ContentChecksum.digestByteCount)
        let (split, description): (DatasetSplit, String)
        var indices: [Int]?
        switch part {
        case .files(let files): (split, description) = (files, files.rawValue)
        case .drawn(let drawn, let parts):
            (split, description) = (drawn, parts.description(drawn))
            let chosen = parts.indices(of: drawn, count: labels.count)
            guard !chosen.isEmpty else { throw .notToBeSplit(dataset: name) }
            indices = chosen
        }
        func chosen(_ bytes: [UInt8], _ size: Int) -> [UInt8] {
            guard let indices else { return bytes }
            var result: [UInt8] = []
            result.reserveCapacity(indices.count * size)
            for index in indices { result += bytes[index * size..<(index + 1) * size] }
            return result
        }
        let images = try ImageDataset(
            name: name, split: split, channels: channels, width: form.side, height: form.side,
            images: chosen(pixels, size), labels: indices?.map { labels[$0] } ?? labels, classNames: classNames)
        let identity = DatasetIdentity(
            name: name, checksum: ContentChecksum.text(ofDigests: chosen(digests, digestSize)), count: images.count,
            channels: channels, side: form.side, resize: resize(form), split: description)
        return LoadedDataset(images, identity, originalSize: originalSize, originalPixels: originalPixels)
    }

    private func resize(_ form: PictureForm) -> String {
        let side = form.side
        guard let sizes, sizes != Sizes(side: side) else { return "none" }
        return form.fit.description(isSquare: sizes.areAllSquare)
    }

    private var originalPixels: Int? {
        guard let sizes, sizes.leastWidth == sizes.mostWidth, sizes.leastHeight == sizes.mostHeight else { return nil }
        return sizes.leastWidth * sizes.leastHeight
    }

    private var originalSize: String {
        guard let sizes else { return "" }
        let least = "\(sizes.leastWidth) x \(sizes.leastHeight)"
        let most = "\(sizes.mostWidth) x \(sizes.mostHeight)"
        return least == most ? least : "\(least) to \(most)"
    }
}

extension DecodedFolder.Sizes {
    /// All are squares of one side.
    fileprivate init(side: Int) {
        self.init(leastWidth: side, leastHeight: side, mostWidth: side, mostHeight: side, areAllSquare: true)
    }
}
