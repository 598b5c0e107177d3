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
    package init(folder: URL) { self.folder = folder }

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
        guard let bytes = try? executable.program.serialized() else { return }
        let key = key(program, group)
        let url = url(key)
        let entry = DiskCache.header(key) + bytes
        guard entry.count <= DiskCache.capacityInBytes, DiskCache.mayWrite(to: url) else { return }
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        prune(toFit: entry.count)
        try? AtomicFile.write(entry, to: url)
    }

    /// A folder for what the plugin's compiler finds out about a group's devices by timing, nil where none can be made.
    func autotuningFolder(for group: DeviceGroup) -> URL? {
        let hash = FNV1a.hash("\(identity(of: group.client.plugin))\n\(group.devices[0].kind)".utf8)
        let tuned = folder.appendingPathComponent(DiskCache.tuningPrefix + String(hash, radix: 16), isDirectory: true)
        guard (try? FileManager.default.createDirectory(at: tuned, withIntermediateDirectories: true)) != nil else {
            return nil
        }
        try? FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: tuned.path)
        return tuned
    }

    private static let tuningPrefix = "autotuning-"

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
        name.hasSuffix(nameExtension) && isHash(name.dropLast(nameExtension.count))
    }

    private static func isTuningName(_ name: String) -> Bool {
        name.hasPrefix(tuningPrefix) && isHash(name.dropFirst(tuningPrefix.count))
    }

    private static func isHash(_ text: Substring) -> Bool {
        (1...16).contains(text.count) && text.allSatisfy { "0123456789abcdef".contains($0) }
    }

    /// What an entry of this key begins with.
    private static func header(_ key: String) -> [UInt8] { magic + Array(key.utf8) + [0] }

    /// Which file a plugin is, and of which version.
    private func identity(of plugin: Plugin) -> String {
        let attributes = try? FileManager.default.attributesOfItem(atPath: plugin.path)
        let size = (attributes?[.size] as? Int) ?? 0
        let modified = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
        let version = "\(plugin.apiVersion.major).\(plugin.apiVersion.minor)"
        return "\(plugin.path)\n\(size) \(modified) \(version)"
    }

    private func key(_ program: String, _ group: DeviceGroup) -> String {
        let kinds = group.devices.map { "\($0.id) \($0.kind)" }.joined(separator: ",")
        return ["\(identity(of: group.client.plugin)) \(kinds)", CPU.description, program].joined(separator: "\n")
    }

    private func url(_ key: String) -> URL {
        folder.appendingPathComponent(String(FNV1a.hash(key.utf8), radix: 16) + DiskCache.nameExtension)
    }

    private func prune(toFit bytes: Int) {
        let files =
            (try? FileManager.default.contentsOfDirectory(
                at: folder, includingPropertiesForKeys: [.contentModificationDateKey])) ?? []
        let kept = files.compactMap { url -> (url: URL, size: Int, used: Date)? in
            guard let size = Entry(at: url)?.size ?? DiskCache.tuningSize(at: url),
                let used = try? url.resourceValues(forKeys: [.contentModificationDateKey]).contentModificationDate
            else { return nil }
            return (url, size, used)
        }
        var room = max(0, DiskCache.capacityInBytes - bytes)
        for entry in kept.sorted(by: { $0.used > $1.used }) {
            room -= entry.size
            if room < 0 { try? FileManager.default.removeItem(at: entry.url) }
        }
    }

    /// Bytes of the files in a folder of ``autotuningFolder(for:)``; nil for anything else.
    private static func tuningSize(at url: URL) -> Int? {
        var status = stat()
        guard isTuningName(url.lastPathComponent), lstat(url.path, &status) == 0,
            status.st_mode & S_IFMT == S_IFDIR,
            let files = try? FileManager.default.contentsOfDirectory(
                at: url, includingPropertiesForKeys: [.fileSizeKey])
        else { return nil }
        return files.reduce(0) { $0 + ((try? $1.resourceValues(forKeys: [.fileSizeKey]).fileSize) ?? 0) }
    }
}

/// The processor this process runs on.
package enum CPU {
    /// Model and instruction sets, as the system reports them.
    package static let description: String = {
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let lines = text.split(separator: "\n").filter {
            $0.hasPrefix("model name") || $0.hasPrefix("flags") || $0.hasPrefix("Features")
        }
        return ([machine] + Set(lines.map(String.init)).sorted()).joined(separator: "\n")
    }()

    /// The model's name and the number of cores this process may use, for people.
    package static let summary: String = {
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
