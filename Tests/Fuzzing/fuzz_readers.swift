// The entrance of libFuzzer into the readers of Formats; `FUZZ_READER` names one. Built by `Scripts/fuzz.sh`.
import Foundation

private let reader: ByteReader = {
    let name = ProcessInfo.processInfo.environment["FUZZ_READER"] ?? ""
    guard let reader = ByteReader(rawValue: name) else {
        FileHandle.standardError.write(Data("FUZZ_READER is '\(name)'\n".utf8))
        exit(64)
    }
    return reader
}()

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_ count: UnsafeMutableRawPointer, _ words: UnsafeMutableRawPointer) -> CInt {
    // Asked for the files to begin with, the program writes them and ends.
    guard let folder = ProcessInfo.processInfo.environment["FUZZ_SEEDS"] else { return 0 }
    do {
        for (index, bytes) in try reader.seeds().enumerated() {
            try Data(bytes).write(to: URL(fileURLWithPath: folder).appendingPathComponent("seed-\(index)"))
        }
    } catch {
        FileHandle.standardError.write(Data("\(error)\n".utf8))
        exit(1)
    }
    exit(0)
}

@_cdecl("LLVMFuzzerTestOneInput")
public func test(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    try? reader.read([UInt8](UnsafeBufferPointer(start: bytes, count: count)))
    return 0
}
