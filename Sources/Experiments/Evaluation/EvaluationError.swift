public import Datasets

/// An evaluation that cannot be made.
public enum EvaluationError: Error, Equatable, CustomStringConvertible {
    /// A file that holds no feature network, or one of another version.
    case noFeatures(path: String)
    /// No feature network was trained on these images.
    case noFeaturesFor(DatasetIdentity)
    /// Shapes are channels, height, width.
    case featuresOfOtherImages(path: String, features: [Int], images: [Int])
    /// A classifier needs two classes.
    case tooFewClasses(DatasetIdentity)
    /// The loss of the network of features is not finite any more.
    case featuresDiverged(step: Int)
    /// Fewer images than a figure needs.
    case tooFewImages(Int, least: Int, what: String)
    /// The features that are kept of an evaluation are of another one.
    case otherSettings(path: String)
    /// A file of evaluations that is not what was written.
    case malformed(path: String)

    public var description: String {
        switch self {
        case .noFeatures(let path):
            "\(path) holds no features of this version; make it with `flowmatch features train`"
        case .noFeaturesFor(let data):
            "no features were trained on \(data); train them with `flowmatch features train --data ... --out FILE` and "
                + "name the file with --features"
        case .featuresOfOtherImages(let path, let features, let images):
            "\(path) is for images of (channels, height, width) \(features), and these are \(images); train features with "
                + "--side \(images[1])"
        case .tooFewClasses(let data): "\(data) has no two classes, and features come from telling classes apart"
        case .featuresDiverged(let step):
            "the loss is no number at step \(step); there is something wrong with the images"
        case .tooFewImages(let count, let least, let what):
            "\(count) \(what) images are too few for the figures; \(least) are needed"
        case .otherSettings(let path): "\(path) is of another evaluation; remove it"
        case .malformed(let path): "\(path) is no evaluation of this program; remove it or name another run"
        }
    }
}
