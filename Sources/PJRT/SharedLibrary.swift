internal import CPJRT
internal import Glibc

/// A shared library on disk, checked before the dynamic loader maps it: the loader maps what the header lists, and
/// touching a mapped page past the end of a truncated file would end the process.
struct SharedLibrary {
    /// The canonical path.
    let path: String

    /// - Throws: ``PJRTError/pluginNotFound(path:origin:)`` or ``PJRTError/pluginUnreadable(path:reason:)``.
    init(path: String) throws(PJRTError) {
        guard let resolved = realpath(path, nil) else {
            if errno == ENOENT || errno == ENOTDIR {
                throw .pluginNotFound(path: path, origin: .explicit)
            }
            throw .pluginUnreadable(path: path, reason: systemErrorText())
        }
        defer { free(resolved) }
        self.path = String(cString: resolved)
    }

    /// Maps the library for the rest of the process's life and returns the address of `symbol`.
    func open(symbol: String) throws(PJRTError) -> UnsafeMutableRawPointer {
        guard let address = dlsym(try open(RTLD_NOW), symbol) else { throw .noEntryPoint(path: path) }
        return address
    }

    /// Maps the library for the rest of the process's life and returns the loader's handle.
    /// - Parameter binding: `RTLD_NOW` or `RTLD_LAZY`
    @discardableResult
    func open(_ binding: Int32) throws(PJRTError) -> UnsafeMutableRawPointer {
        try checkContents()
        guard let handle = dlopen(path, binding | RTLD_LOCAL) else {
            throw .libraryNotLoaded(path: path, reason: loaderErrorText())
        }
        return handle
    }

    /// The file that this library, which is mapped, finds when it opens `name`; nil where only the loader's cache may.
    func pathOfLibrary(named name: String) -> String? {
        guard let handle = dlopen(path, RTLD_LAZY | RTLD_NOLOAD), let found = pjrt_find_library(handle, name) else {
            return nil
        }
        defer { free(found) }
        return String(cString: found)
    }

    /// Reads the ELF header and compares the ends of all loaded segments and of the section table with the file's size.
    private func checkContents() throws(PJRTError) {
        let file = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .pluginUnreadable(path: path, reason: systemErrorText()) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .pluginUnreadable(path: path, reason: systemErrorText()) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notASharedLibrary(path: path) }
        let size = UInt64(status.st_size)

        let header = bytes(of: file, at: 0, count: 64)
        let sharedObjectKind: UInt16 = 3
        guard header.count == 64, header.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2, 1]),
            header.integer(at: 16, as: UInt16.self) == sharedObjectKind
        else { throw .notASharedLibrary(path: path) }

        let segmentTable = header.integer(at: 32, as: UInt64.self)
        let sectionTable = header.integer(at: 40, as: UInt64.self)
        let segmentSize = Int(header.integer(at: 54, as: UInt16.self))
        let segmentCount = Int(header.integer(at: 56, as: UInt16.self))
        let sectionBytes =
            UInt64(header.integer(at: 58, as: UInt16.self)) * UInt64(header.integer(at: 60, as: UInt16.self))
        guard segmentSize >= 56 else { throw .notASharedLibrary(path: path) }
        try require(sectionTable, sectionBytes, within: size)
        try require(segmentTable, UInt64(segmentSize * segmentCount), within: size)
        guard let start = Int64(exactly: segmentTable) else { throw .notASharedLibrary(path: path) }
        let segments = bytes(of: file, at: start, count: segmentSize * segmentCount)
        guard segments.count == segmentSize * segmentCount else {
            throw .pluginUnreadable(path: path, reason: systemErrorText())
        }
        let loaded: UInt32 = 1
        for segment in 0..<segmentCount {
            let at = segment * segmentSize
            guard segments.integer(at: at, as: UInt32.self) == loaded else { continue }
            try require(
                segments.integer(at: at + 8, as: UInt64.self), segments.integer(at: at + 32, as: UInt64.self),
                within: size)
        }
    }

    private func require(_ offset: UInt64, _ count: UInt64, within size: UInt64) throws(PJRTError) {
        let (end, overflow) = offset.addingReportingOverflow(count)
        guard !overflow, end <= size else {
            throw .truncatedLibrary(path: path, expectedBytes: overflow ? .max : end, actualBytes: size)
        }
    }

    private func bytes(of file: Int32, at offset: Int64, count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = max(0, pread(file, buffer.baseAddress, count, off_t(offset)))
        }
    }
}

/// What the dynamic loader says of its last failure.
func loaderErrorText() -> String { dlerror().map { String(cString: $0) } ?? "unknown reason" }

private func systemErrorText() -> String { String(cString: strerror(errno)) }

extension [UInt8] {
    /// The little-endian integer at a byte offset.
    fileprivate func integer<Value: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: Value.Type) -> Value {
        withUnsafeBytes { Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: type)) }
    }
}
