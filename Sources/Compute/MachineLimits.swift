import Foundation

/// What the operating system lets this process have.
package struct MachineLimits: Sendable {
    /// The machine's memory, or less where the process may not have all of it (`ulimit -v`).
    package let memoryInBytes: Int
    /// Whether the process may address less than it likes (`ulimit -v`).
    package let isAddressSpaceLimited: Bool
    /// What this process may have open at a time (`ulimit -n`).
    package let openFiles: Int

    /// - Parameters:
    ///   - memoryInBytes: of the machine, or what this process may have of it
    ///   - isAddressSpaceLimited: whether the process may not address all it likes
    ///   - openFiles: that the process may have at once
    package init(memoryInBytes: Int, isAddressSpaceLimited: Bool = false, openFiles: Int) {
        self.memoryInBytes = memoryInBytes
        self.isAddressSpaceLimited = isAddressSpaceLimited
        self.openFiles = openFiles
    }

    /// As they are now.
    package static var current: MachineLimits {
        let physical = Int(clamping: ProcessInfo.processInfo.physicalMemory)
        let addressSpace = limit(RLIMIT_AS)
        return MachineLimits(
            memoryInBytes: min(physical, addressSpace), isAddressSpaceLimited: addressSpace < .max,
            openFiles: limit(RLIMIT_NOFILE))
    }

    private static func limit(_ kind: __rlimit_resource) -> Int {
        var limits = rlimit()
        guard getrlimit(__rlimit_resource_t(kind.rawValue), &limits) == 0 else { return .max }
        return Int(clamping: limits.rlim_cur)
    }

    /// What a plugin for the CPU needs before it has computed anything. With less address space it may end the process, as
    /// C++ does where memory cannot be had.
    private static let leastMemory = 512 << 20
    /// Plugin, libraries, pipes between its threads, data and run.
    private static let leastOpenFiles = 32

    /// Throws where nothing can be computed at all.
    package func checkLeast() throws(NotEnoughResources) {
        try checkOpenFiles()
        guard memoryInBytes >= Self.leastMemory else {
            throw .memory(Self.leastMemory, of: memoryInBytes, for: "a plugin that computes on the CPU")
        }
    }

    /// Throws where not even files can be read.
    package func checkOpenFiles() throws(NotEnoughResources) {
        guard openFiles >= Self.leastOpenFiles else { throw .openFiles(openFiles, least: Self.leastOpenFiles) }
    }

    /// Throws where there is too little memory.
    ///
    /// - Parameters:
    ///   - bytes: what is needed at the least; nil for more than can be counted
    ///   - purpose: what needs it
    package func check(_ bytes: Int?, for purpose: String) throws(NotEnoughResources) {
        guard let bytes, bytes <= memoryInBytes else { throw .memory(bytes, of: memoryInBytes, for: purpose) }
    }
}

/// The machine, or what of it this process may use, is too small.
public enum NotEnoughResources: Error, Equatable, CustomStringConvertible {
    /// Bytes that are needed, nil for more than can be counted, of those there are, and what for.
    case memory(Int?, of: Int, for: String)
    /// Files that the process may have open, and how many it needs.
    case openFiles(Int, least: Int)

    public var description: String {
        switch self {
        case .memory(let bytes, let available, let purpose):
            "\(purpose) needs at least \(bytes.map(Self.text) ?? "more memory than can be addressed")"
                + (bytes == nil ? "" : " of memory") + "; this process may have \(Self.text(available))"
        case .openFiles(let count, let least):
            "this process may have \(count) files open, and needs \(least); raise the limit (ulimit -n)"
        }
    }

    private static func text(_ bytes: Int) -> String {
        bytes >= 1 << 30
            ? String(format: "%.1f GiB", Double(bytes) / 0x1p30) : String(format: "%.0f MiB", Double(bytes) / 0x1p20)
    }
}
