import Compute
import Testing

@Suite("What a machine has")
struct MachineLimitsTests {
    private let small = MachineLimits(memoryInBytes: 1 << 30, openFiles: 1024)

    @Test("More than there is, or than can be counted, is refused in a sentence")
    func memory() throws {
        try small.check(1 << 30, for: "a batch")
        let error = #expect(throws: NotEnoughResources.self) { try small.check(3 << 30, for: "a batch") }
        #expect(error?.description == "a batch needs at least 3.0 GiB of memory; this process may have 1.0 GiB")
        let endless = #expect(throws: NotEnoughResources.self) { try small.check(nil, for: "a batch") }
        #expect(endless?.description.contains("more memory than can be addressed") == true)
    }

    @Test("What nothing can be computed with is refused before a plugin is loaded")
    func least() throws {
        try small.checkLeast()
        #expect(throws: NotEnoughResources.openFiles(4, least: 32)) {
            try MachineLimits(memoryInBytes: 1 << 30, openFiles: 4).checkLeast()
        }
        #expect(throws: NotEnoughResources.self) {
            try MachineLimits(memoryInBytes: 400_000_000, openFiles: 64).checkLeast()
        }
    }
}
