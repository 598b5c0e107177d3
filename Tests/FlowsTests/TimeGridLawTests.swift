import Flows
import Settings
import Testing

@Suite("Time grids")
struct TimeGridLawTests {
    @Test("A grid ascends from 0 to 1", arguments: TimeGrids.registry.names, [1, 2, 7, 99])
    func ascends(kind: String, steps: Int) throws {
        let times = try #require(TimeGrids.registry[kind]).times(steps: steps)
        #expect(times.count > 1 && times.first == 0 && times.last == 1)
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test("Steps are as many as asked for, or as many whatever is asked", arguments: TimeGrids.registry.names)
    func counts(kind: String) throws {
        let grid = try #require(TimeGrids.registry[kind])
        let counts = [3, 10].map { grid.times(steps: $0).count - 1 }
        #expect(counts == [3, 10] || counts[0] == counts[1])
    }

    @Test("Stable Diffusion 3's shift of 3, its time being 1 at the noise")
    func shifted() {
        // sigma' = 3 sigma / (1 + 2 sigma) with sigma = 1 - t.
        for (u, t) in zip(UniformGrid().times(steps: 8), ShiftedGrid().times(steps: 8)) {
            let sigma = 3 * (1 - u) / (1 + 2 * (1 - u))
            #expect(abs(1 - sigma - t) < 1e-12)
        }
    }

    @Test("A list must be the whole way, ascending", arguments: ["0,0.5", "0.5,1", "0,0.7,0.7,1", "1", ""])
    func refused(list: String) {
        var grid = ListedGrid()
        grid.points = list.split(separator: ",").compactMap { Double($0) }
        #expect(throws: SettingsError.self) { try grid.validate() }
    }
}
