import Basis

/// A file's name for settings that are too long to be one.
enum FeatureFileName {
    static func text(of identity: String) -> String { String(SHA256.text(SHA256.digest(identity.utf8)).prefix(16)) }
}
