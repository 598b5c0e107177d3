/// The version of this software.
public enum Version {
    public static let current = "0.2.0"
}
