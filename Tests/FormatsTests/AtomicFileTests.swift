import Formats
import Foundation
import Testing

@Suite struct AtomicFileTests {
    private func names(in folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    @Test func writesAndReplaces() throws {
        try withTemporaryFolder { folder in
            let url = folder.appendingPathComponent("file")
            try AtomicFile.write([1, 2, 3], to: url)
            try AtomicFile.write([4], to: url)
            #expect(try contents(of: url) == [4])
            try AtomicFile.write([], to: url)
            #expect(try contents(of: url) == [])
            #expect(try names(in: folder) == ["file"])
        }
    }

    @Test func whenTheContentsFailTheOldFileStays() throws {
        try withTemporaryFolder { folder in
            let url = folder.appendingPathComponent("file")
            try AtomicFile.write([1], to: url)
            #expect(throws: FormatError.png(.noFrames)) {
                try AtomicFile.write(to: url) { (sink) throws(FormatError) in
                    try [UInt8(9)].withUnsafeBufferPointer { (bytes) throws(FormatError) in
                        try sink.append(UnsafeRawBufferPointer(bytes))
                    }
                    throw .png(.noFrames)
                }
            }
            #expect(try contents(of: url) == [1])
            #expect(try names(in: folder) == ["file"])
        }
    }

    @Test func whatAKilledWriterLeftIsRemovedAndALivingOnesIsNot() throws {
        try withTemporaryFolder { folder in
            try Data([1]).write(to: folder.appendingPathComponent(".partial-dead"))
            let living = folder.appendingPathComponent(".partial-living")
            let lock = try FileLock(living.path, note: "")
            try AtomicFile.write([1], to: folder.appendingPathComponent("file"))
            #expect(try names(in: folder) == [".partial-living", "file"])
            withExtendedLifetime(lock) {}
        }
    }

    @Test func aWriterWithinAWriterKeepsItsOwnFile() throws {
        try withTemporaryFolder { folder in
            let (outer, inner) = (folder.appendingPathComponent("outer"), folder.appendingPathComponent("inner"))
            try AtomicFile.write(to: outer) { (sink) throws(FormatError) in
                try AtomicFile.write([2], to: inner)
                try sink.append([1])
            }
            #expect(try contents(of: outer) == [1] && contents(of: inner) == [2])
        }
    }

    @Test func aLinkIsFollowed() throws {
        try withTemporaryFolder { folder in
            let (target, link) = (folder.appendingPathComponent("target"), folder.appendingPathComponent("link"))
            try AtomicFile.write([1], to: target)
            try FileManager.default.createSymbolicLink(at: link, withDestinationURL: target)
            try AtomicFile.write([2], to: link)
            #expect(try contents(of: target) == [2])
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link.path) == target.path)
        }
    }

    @Test func whatCannotBeWrittenIsSaidInOneSentence() throws {
        try withTemporaryFolder { folder in
            let absent = folder.appendingPathComponent("no/such/file")
            #expect(throws: FormatError.cannotWrite(path: absent.path, reason: "No such file or directory")) {
                try AtomicFile.write([1], to: absent)
            }
            #expect(throws: FormatError.cannotWrite(path: folder.path, reason: "it is a folder")) {
                try AtomicFile.write([1], to: folder)
            }
            let device = URL(fileURLWithPath: "/dev/null")
            #expect(throws: FormatError.self) { try AtomicFile.write([1], to: device) }
            let left = try names(in: folder)
            #expect(left.isEmpty)
        }
    }

    @Test func whatCannotBeReadIsSaidInOneSentence() throws {
        try withTemporaryFolder { folder in
            let absent = folder.appendingPathComponent("absent")
            let error = #expect(throws: FormatError.self) { try SafetensorsFile(contentsOf: absent) }
            #expect(error?.description == "cannot read \(absent.path): No such file or directory")
            #expect(throws: FormatError.cannotRead(path: folder.path, reason: "it is not a regular file")) {
                try SafetensorsFile(contentsOf: folder)
            }
        }
    }
}
