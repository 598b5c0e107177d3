import Quality

/// Features and classes of a set of images.
struct ImageSet {
    var features: FeatureSet
    var scores: ClassScores
    /// The labels that they have or that were asked for; nil where the classifier knows no such labels.
    var labels: [Int]?
    let name: String

    var count: Int { features.count }

    /// The images at some places.
    func part(_ indices: some Collection<Int>, named name: String) -> ImageSet {
        let classes = scores.classCount
        return ImageSet(
            features: features.rows(at: indices),
            scores: ClassScores(
                indices.flatMap { scores.probabilities[$0 * classes..<($0 + 1) * classes] }, classCount: classes),
            labels: labels.map { labels in indices.map { labels[$0] } }, name: name)
    }
}
