/// The version of this software.
public enum Version {
    /// Of this program and of the files that it writes.
    public static let current = "0.2.0"
}
