import Formats
import Foundation

/// The pictures of a folder, found by their names' endings; nothing is read yet.
///
/// A subfolder is a class, with all that lies below it. Where the subfolders are `train` and `test`, theirs are. Links are
/// followed, but no folder is entered twice for one class, so that a loop of links ends. Hidden files are passed over.
struct FolderListing {
    struct File: Equatable, Sendable {
        /// Below the folder.
        let path: String
        let label: Int32
        /// `train` where the folder has no parts.
        let split: DatasetSplit
        let byteCount: Int
        /// Nanoseconds since 1970.
        let modified: Int
    }

    /// Ordered by class, then by path.
    private(set) var files: [File] = []
    /// Empty where the pictures have no classes.
    private(set) var classNames: [String] = []
    /// Whether training and test images lie in folders of their own.
    private(set) var hasParts = false
    /// What a person should know about what was passed over.
    private(set) var notes: [String] = []

    private static let partNames: [DatasetSplit: [String]] = [
        .train: ["train", "training"], .test: ["test", "testing", "val", "valid", "validation"],
    ]
    private static let pictureEndings = Set(PictureFormat.allCases.flatMap(\.extensions))
    /// Endings of pictures that are not read, which a person may have expected to be.
    private static let otherEndings: Set = ["webp", "gif", "bmp", "tif", "tiff", "heic", "avif", "jp2", "ppm", "pgm"]

    /// - Throws: ``DatasetError/noPictures(folder:others:)``, ``DatasetError/mixedFolder(folder:beside:)``
    init(_ root: URL) throws(DatasetError) {
        let top = Entries(of: root)
        func part(_ split: DatasetSplit) -> String? {
            FolderListing.partNames[split]?.first { name in top.folders.contains { $0.lowercased() == name } }
                .flatMap { name in top.folders.first { $0.lowercased() == name } }
        }
        var others = Others()
        if let train = part(.train) {
            let test = part(.test)
            hasParts = test != nil
            let parts = [(DatasetSplit.train, train)] + (test.map { [(.test, $0)] } ?? [])
            try read(parts.map { ($0.0, root.appendingPathComponent($0.1, isDirectory: true), $0.1 + "/") }, &others)
        } else {
            try read([(.train, root, "")], &others)
        }
        guard !files.isEmpty else { throw .noPictures(folder: root.path, others: others.count) }
        if !others.formats.isEmpty {
            let names = others.formats.keys.sorted().map { "\(others.formats[$0] ?? 0) .\($0)" }
            notes.append("only PNG and JPEG files are read; passed over: \(names.joined(separator: ", "))")
        }
    }

    /// Files that are not taken.
    private struct Others {
        var count = 0
        var formats: [String: Int] = [:]

        mutating func add(_ name: String) {
            count += 1
            let ending = (name as NSString).pathExtension.lowercased()
            if FolderListing.otherEndings.contains(ending) { formats[ending, default: 0] += 1 }
        }
    }

    private mutating func read(
        _ parts: [(split: DatasetSplit, folder: URL, prefix: String)], _ others: inout Others
    ) throws(DatasetError) {
        var found: [(split: DatasetSplit, className: String?, files: [Found])] = []
        for (split, folder, prefix) in parts {
            let entries = Entries(of: folder)
            var ancestors: Set<Place> = []
            for url in [folder, folder.deletingLastPathComponent()] {
                if let place = Place(url.path) { ancestors.insert(place) }
            }
            var beside: [Found] = []
            for name in entries.files {
                if let file = Found(folder, name, prefix) { beside.append(file) } else { others.add(name) }
            }
            var classes: [(String, [Found])] = []
            for name in entries.folders {
                var visited = ancestors
                var files: [Found] = []
                walk(folder.appendingPathComponent(name), prefix + name + "/", &visited, &files, &others)
                if !files.isEmpty { classes.append((name, files)) }
            }
            guard beside.isEmpty || classes.isEmpty else {
                throw .mixedFolder(folder: folder.path, beside: beside.count)
            }
            if !beside.isEmpty { found.append((split, nil, beside)) }
            found += classes.map { (split, $0.0, $0.1) }
        }
        let names = Set(found.compactMap(\.className)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        if names.count == 1, let name = names.first {
            notes.append("there is one subfolder, \(name), so the images have no classes")
        }
        if names.count > ClassNames.most {
            notes.append("there are \(names.count) subfolders, too many to be classes, so the images have none")
        }
        classNames = (2...ClassNames.most).contains(names.count) ? names : []
        let labels = Dictionary(uniqueKeysWithValues: classNames.enumerated().map { ($1, Int32($0)) })
        for split in DatasetSplit.allCases {
            for entry in found where entry.split == split {
                let label = entry.className.flatMap { labels[$0] } ?? 0
                files += entry.files.map {
                    File(
                        path: $0.path, label: label, split: split, byteCount: $0.byteCount, modified: $0.modified)
                }
            }
        }
        files.sort { a, b in
            if a.split != b.split { return a.split == .train }
            return a.label != b.label ? a.label < b.label : a.path.utf8.lexicographicallyPrecedes(b.path.utf8)
        }
    }

    /// All pictures in a folder and below it.
    private func walk(
        _ folder: URL, _ prefix: String, _ visited: inout Set<Place>, _ files: inout [Found], _ others: inout Others
    ) {
        guard let place = Place(folder.path), visited.insert(place).inserted else { return }
        let entries = Entries(of: folder)
        for name in entries.files {
            if let file = Found(folder, name, prefix) { files.append(file) } else { others.add(name) }
        }
        for name in entries.folders {
            walk(folder.appendingPathComponent(name), prefix + name + "/", &visited, &files, &others)
        }
    }

    /// A picture's file, by its name.
    private struct Found {
        let path: String
        let byteCount: Int
        let modified: Int

        init?(_ folder: URL, _ name: String, _ prefix: String) {
            let ending = (name as NSString).pathExtension.lowercased()
            guard FolderListing.pictureEndings.contains(ending) else { return nil }
            path = prefix + name
            var status = stat()
            // What is not there, such as the target of a link, is found unreadable when it is read.
            guard stat(folder.path + "/" + name, &status) == 0 else {
                (byteCount, modified) = (0, 0)
                return
            }
            byteCount = Int(status.st_size)
            modified = Int(status.st_mtim.tv_sec) * 1_000_000_000 + Int(status.st_mtim.tv_nsec)
        }
    }

    /// A folder, whatever path leads to it.
    private struct Place: Hashable {
        let device: UInt64
        let number: UInt64

        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            (device, number) = (UInt64(status.st_dev), UInt64(status.st_ino))
        }
    }

    /// Names in a folder, links followed, hidden ones left out.
    private struct Entries {
        var files: [String] = []
        var folders: [String] = []

        init(of folder: URL) {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
            for name in names where !name.hasPrefix(".") && name != "__MACOSX" {
                var status = stat()
                let isFolder =
                    stat(folder.path + "/" + name, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
                if isFolder { folders.append(name) } else { files.append(name) }
            }
            files.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            folders.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        }
    }
}
