import Basis
import Formats
public import Foundation
import PJRT

/// Compiled programs in a folder, so that a later process need not compile them again.
///
/// Executables are valid only for the plugin, the program and the CPU they were made by and for. An entry therefore
/// begins with all three in full and counts only where they are equal; its name is merely a hash of them. A serialised
/// executable carries a checksum of its own, so damaged machine code is never run. Trouble with the folder costs a
/// compilation, never the run. Other files of the folder, even under an entry's name, are neither read nor counted,
/// replaced or removed.
public struct DiskCache: Sendable {
    /// Where executables are kept.
    public let folder: URL
    /// What the entries of all versions of this program begin with.
    private static let signature = Array("FLOWMATCH-EXECUTABLE-".utf8)
    /// Its number changes with the options that programs are compiled with.
    private static let magic = signature + Array("2\n".utf8)
    private static let nameExtension = ".executable"
    /// Entries unused for longest go when the folder outgrows this.
    private static let capacityInBytes = 2 << 30

    /// - Parameter folder: made when something is first kept
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
        let header = DiskCache.header(key)
        guard let entry = Entry(at: url), entry.size > header.count, entry.size <= DiskCache.capacityInBytes,
            (try? entry.file.bytes(at: 0, count: header.count)) == header,
            let bytes = try? entry.file.bytes(at: header.count, count: entry.size - header.count)
        else { return nil }
        try? FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: url.path)
        return try? group.client.load(serialized: bytes)
    }

    func store(_ executable: LoadedExecutable, of program: String, for group: DeviceGroup) {
        guard let bytes = try? executable.serialized() else { return }
        let key = key(program, group)
        let url = url(key)
        let entry = DiskCache.header(key) + bytes
        guard entry.count <= DiskCache.capacityInBytes, DiskCache.mayWrite(to: url) else { return }
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        prune(toFit: entry.count)
        try? AtomicFile.write(entry, to: url)
    }

    /// A file that an earlier run, of any version, has left here.
    private struct Entry {
        let file: OpenFile
        var size: Int { file.byteCount }

        /// Nil where the name or what the file begins with is not an entry's, and where there is anything but a file.
        init?(at url: URL) {
            guard DiskCache.isEntryName(url.lastPathComponent),
                let file = try? OpenFile(url.path, followsLink: false),
                (try? file.bytes(at: 0, count: DiskCache.signature.count)) == DiskCache.signature
            else { return nil }
            self.file = file
        }
    }

    /// Whether an entry may be written to a place: it holds nothing yet, or an entry.
    private static func mayWrite(to url: URL) -> Bool {
        var status = stat()
        guard lstat(url.path, &status) == 0 else { return true }
        let isEmptyFile = status.st_mode & S_IFMT == S_IFREG && status.st_size == 0
        return isEmptyFile || Entry(at: url) != nil
    }

    private static func isEntryName(_ name: String) -> Bool {
        guard name.hasSuffix(nameExtension) else { return false }
        let hash = name.dropLast(nameExtension.count)
        return (1...16).contains(hash.count) && hash.allSatisfy { "0123456789abcdef".contains($0) }
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
        folder.appendingPathComponent(String(FNV1a.hash(key.utf8), radix: 16) + DiskCache.nameExtension)
    }

    private func prune(toFit bytes: Int) {
        let files =
            (try? FileManager.default.contentsOfDirectory(
                at: folder, includingPropertiesForKeys: [.contentModificationDateKey])) ?? []
        let entries = files.compactMap { url -> (url: URL, size: Int, used: Date)? in
            guard let entry = Entry(at: url),
                let used = try? url.resourceValues(forKeys: [.contentModificationDateKey]).contentModificationDate
            else { return nil }
            return (url, entry.size, used)
        }
        let newestFirst = entries.sorted { $0.used > $1.used }
        var room = max(0, DiskCache.capacityInBytes - bytes)
        let kept = newestFirst.prefix { entry in
            room -= entry.size
            return room >= 0
        }
        for entry in newestFirst.dropFirst(kept.count) { try? FileManager.default.removeItem(at: entry.url) }
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
