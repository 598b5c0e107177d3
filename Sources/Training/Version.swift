/// The version of this software.
package enum Version {
    /// Of this program and of the files that it writes.
    package static let current = "0.2.0"
}
