import Formats
public import Foundation
import PJRT

/// Compiled programs in a folder, so that a later process need not compile them again.
///
/// Executables are valid only for the plugin, the program and the CPU they were made by and for. An entry therefore
/// begins with all three in full and counts only where they are equal; its name is merely a hash of them. A serialised
/// executable carries a checksum of its own, so damaged machine code is never run. Trouble with the folder costs a
/// compilation, never the run.
public struct DiskCache: Sendable {
    public let folder: URL
    /// Its number changes with the options that programs are compiled with.
    private static let magic = Array("FLOWMATCH-EXECUTABLE-2\n".utf8)
    /// Entries unused for longest go when the folder outgrows this.
    private static let capacityInBytes = 2 << 30

    public init(folder: URL) { self.folder = folder }

    /// The cache of this user: `$XDG_CACHE_HOME/flowmatch`, `~/.cache/flowmatch`, or without a home a private folder
    /// among the temporary files; nil where there is no room for any.
    public static var standard: DiskCache? {
        let environment = ProcessInfo.processInfo.environment
        return CacheFolder.url(environment: environment, databaseHome: CacheFolder.databaseHome)
            .map(DiskCache.init(folder:))
    }

    func load(_ program: String, for group: DeviceGroup) -> LoadedExecutable? {
        let key = key(program, group)
        let url = url(key)
        guard let data = try? Data(contentsOf: url, options: .alwaysMapped) else { return nil }
        let header = DiskCache.header(key)
        guard data.count > header.count, data.prefix(header.count).elementsEqual(header) else { return nil }
        try? FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: url.path)
        return try? group.client.load(serialized: [UInt8](data.dropFirst(header.count)))
    }

    func store(_ executable: LoadedExecutable, of program: String, for group: DeviceGroup) {
        guard let bytes = try? executable.serialized() else { return }
        let key = key(program, group)
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        prune(toFit: bytes.count)
        try? AtomicFile.write(DiskCache.header(key) + bytes, to: url(key))
    }

    /// What an entry of this key begins with.
    private static func header(_ key: String) -> [UInt8] { magic + Array(key.utf8) + [0] }

    private func key(_ program: String, _ group: DeviceGroup) -> String {
        let plugin = group.client.plugin
        let attributes = try? FileManager.default.attributesOfItem(atPath: plugin.path)
        let size = (attributes?[.size] as? Int) ?? 0
        let modified = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
        let version = "\(plugin.apiVersion.major).\(plugin.apiVersion.minor)"
        let kinds = group.devices.map { "\($0.id) \($0.kind)" }.joined(separator: ",")
        return [plugin.path, "\(size) \(modified) \(version) \(kinds)", CPU.description, program].joined(
            separator: "\n")
    }

    private func url(_ key: String) -> URL {
        let hash = key.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x0100_0000_01b3 }
        return folder.appendingPathComponent(String(hash, radix: 16) + ".executable")
    }

    private func prune(toFit bytes: Int) {
        let keys: [URLResourceKey] = [.fileSizeKey, .contentModificationDateKey]
        let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: keys)) ?? []
        var entries = files.compactMap { url -> (url: URL, size: Int, used: Date)? in
            guard let values = try? url.resourceValues(forKeys: Set(keys)), let size = values.fileSize,
                let used = values.contentModificationDate
            else { return nil }
            return (url, size, used)
        }
        entries.sort { $0.used > $1.used }
        var total = entries.reduce(bytes) { $0 + $1.size }
        while total > DiskCache.capacityInBytes, let oldest = entries.popLast() {
            try? FileManager.default.removeItem(at: oldest.url)
            total -= oldest.size
        }
    }
}

/// The processor this process runs on.
public enum CPU {
    /// Model and instruction sets, as the system reports them.
    public static let description: String = {
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let lines = text.split(separator: "\n").filter {
            $0.hasPrefix("model name") || $0.hasPrefix("flags") || $0.hasPrefix("Features")
        }
        return ([machine] + Set(lines.map(String.init)).sorted()).joined(separator: "\n")
    }()

    /// The model's name and the number of cores this process may use, for people.
    public static let summary: String = {
        let names = description.split(separator: "\n").filter { $0.hasPrefix("model name") }
        let name = names.first?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? machine
        return "\(name), \(ProcessInfo.processInfo.activeProcessorCount) cores"
    }()

    private static let machine: String = {
        #if arch(x86_64)
            "x86_64"
        #elseif arch(arm64)
            "arm64"
        #else
            "other"
        #endif
    }()
}
