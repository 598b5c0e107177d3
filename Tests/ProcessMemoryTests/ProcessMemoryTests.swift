import CProcessMemory
import Foundation
import Synchronization
import TestSupport
import Testing

/// The functions under test are those of this process, and so keep the memory of everything that is tested here.
@Suite("Large blocks of memory are kept from use to use", .serialized, .enabled(if: process_memory_keep()))
struct ProcessMemoryTests {
    private static let mebibyte = 1 << 20

    /// The C library's, as a plugin finds it: it must know the blocks that are kept.
    private func usableSize(_ block: UnsafeMutableRawPointer) throws -> Int {
        typealias Function = @convention(c) (UnsafeMutableRawPointer) -> Int
        let symbol = try #require(dlsym(nil, "malloc_usable_size"))
        return unsafeBitCast(symbol, to: Function.self)(block)
    }

    /// A block whose first and last bytes, and one in each page between, say whose it is.
    private struct Block {
        var address: UnsafeMutableRawPointer
        var size: Int
        let mark: UInt8

        var places: [Int] { Array(stride(from: 0, to: size, by: 4096)) + [size - 1] }

        func write() { for place in places { address.storeBytes(of: mark, toByteOffset: place, as: UInt8.self) } }

        func isUntouched(through end: Int) -> Bool {
            places.allSatisfy { $0 >= end || address.load(fromByteOffset: $0, as: UInt8.self) == mark }
        }
    }

    private func aligned(_ size: Int, _ alignment: Int = 64) -> UnsafeMutableRawPointer? {
        var block: UnsafeMutableRawPointer?
        return posix_memalign(&block, alignment, size) == 0 ? block : nil
    }

    @Test("Blocks of any size and alignment do not overlap, whatever is taken, resized and given back in between")
    func property() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("blocks, seed \(seed)")
        var random = SeededGenerator(seed: seed)
        var blocks: [Block] = []
        for turn in 0..<2000 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5 where blocks.count < 60:
                let size = Int.random(in: 1...(1 << Int.random(in: 4...24, using: &random)), using: &random)
                let alignment = 1 << Int.random(in: 3...17, using: &random)
                let block =
                    switch turn % 3 {
                    case 0: malloc(size)
                    case 1: aligned(size, alignment)
                    default: aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment)
                    }
                let address = try #require(block)
                #expect(turn % 3 == 0 || UInt(bitPattern: address) % UInt(alignment) == 0)
                #expect(try usableSize(address) >= size)
                blocks.append(Block(address: address, size: size, mark: UInt8(truncatingIfNeeded: turn)))
                blocks[blocks.count - 1].write()
            case 5..<7 where !blocks.isEmpty:
                let index = Int.random(in: 0..<blocks.count, using: &random)
                let size = Int.random(in: 1...(1 << Int.random(in: 4...24, using: &random)), using: &random)
                let kept = min(size, blocks[index].size)
                blocks[index].address = try #require(realloc(blocks[index].address, size))
                #expect(blocks[index].isUntouched(through: kept))
                blocks[index].size = size
                blocks[index].write()
            case 7... where !blocks.isEmpty:
                let block = blocks.remove(at: Int.random(in: 0..<blocks.count, using: &random))
                #expect(block.isUntouched(through: block.size))
                free(block.address)
            default: break
            }
        }
        for block in blocks {
            #expect(block.isUntouched(through: block.size))
            free(block.address)
        }
    }

    @Test("A step's blocks find the places of the step before, whatever order they are given back in")
    func steps() throws {
        let sizes = [300, 20, 3, 41, 3, 90, 1, 17].map { $0 * Self.mebibyte + 12_345 }
        func step(_ order: [Int]) throws -> [UnsafeMutableRawPointer] {
            let blocks = try sizes.map { try #require(aligned($0)) }
            for index in order { free(blocks[index]) }
            return blocks
        }
        let first = try step(Array(sizes.indices))
        for _ in 0..<20 { #expect(try step(sizes.indices.shuffled()) == first) }
    }

    @Test("Threads take and give back beside each other, also what another took")
    func threads() {
        let faults = Mutex(0)
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            var blocks: [Block] = []
            for turn in 0..<300 {
                let size = (1 + (turn * 7 + thread) % 5) * Self.mebibyte
                guard let address = malloc(size) else { continue }
                let block = Block(address: address, size: size, mark: UInt8(thread * 30 + turn % 30))
                block.write()
                blocks.append(block)
                if blocks.count > 4 {
                    let old = blocks.removeFirst()
                    if !old.isUntouched(through: old.size) { faults.withLock { $0 += 1 } }
                    free(old.address)
                }
            }
            for block in blocks { free(block.address) }
        }
        #expect(faults.withLock { $0 } == 0)
    }

    private func residentBytes() throws -> Int {
        let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")[1]
        return try #require(Int(pages)) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    @Test("What small blocks took goes back to the system where it is asked for, and not before")
    func trimming() throws {
        let size = 1000
        let count = 100_000
        let blocks = try (0..<count).map { _ in try #require(malloc(size)) }
        for block in blocks { memset(block, 1, size) }
        let full = try residentBytes()
        // The last one stays: behind it, the C library would give back by itself.
        for block in blocks.dropLast() { free(block) }
        let freed = try residentBytes()
        process_memory_trim()
        let trimmed = try residentBytes()
        free(blocks[count - 1])
        #expect(full - freed < size * count / 4)
        #expect(freed - trimmed > size * count / 2)
    }

    @Test("What cannot be had is refused as the C library refuses it")
    func refusals() {
        #expect(malloc(Int.max) == nil)
        #expect(aligned(1 << 60) == nil)
        var block: UnsafeMutableRawPointer?
        #expect(posix_memalign(&block, 24, Self.mebibyte) == EINVAL)
        #expect(block == nil)
    }
}
