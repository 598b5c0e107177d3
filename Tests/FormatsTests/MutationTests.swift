import Formats
import Testing

/// Readers meet files that were damaged at random: they give a value or an error, and never stop the process.
@Suite struct MutationTests {
    @Test(arguments: ByteReader.allCases)
    func damagedFilesGiveAValueOrAnError(reader: ByteReader) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        // Printed before, since a trap leaves no time afterwards.
        print("mutations of \(reader.rawValue), seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let seeds = try reader.seeds()
        for bytes in seeds { try reader.read(bytes) }
        for _ in 0..<3000 {
            let bytes = seeds[Int.random(in: 0..<seeds.count, using: &generator)]
            try? reader.read(Mutation.mutated(bytes, using: &generator))
        }
    }
}

enum Mutation {
    /// `bytes` after one to four changes.
    static func mutated(_ bytes: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let place = Int.random(in: 0...bytes.count, using: &generator)
            let end = min(bytes.count, place + Int.random(in: 1...9, using: &generator))
            switch Int.random(in: 0..<7, using: &generator) {
            case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &generator)
            case 2: bytes.removeSubrange(place...)
            case 3: bytes.removeSubrange(place..<end)
            case 4: bytes.insert(contentsOf: generator.bytes(Int.random(in: 1...9, using: &generator)), at: place)
            case 5: bytes.insert(contentsOf: bytes[place..<end], at: place)
            // The numbers that sizes overflow at.
            case 6:
                for index in place..<end {
                    bytes[index] = [0x00, 0x7F, 0x80, 0xFF].randomElement(using: &generator) ?? 0
                }
            default: break
            }
        }
        return bytes
    }
}
