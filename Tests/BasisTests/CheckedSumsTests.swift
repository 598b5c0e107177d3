import Basis
import Testing

@Suite("Sizes")
struct CheckedSumsTests {
    @Test("Products and sums that do not fit are none")
    func overflow() {
        #expect([Int.max, 2].checkedProduct == nil && [1 << 40, 1 << 20].checkedProduct == 1 << 60)
        #expect([Int.max, 1].checkedSum == nil && [3, 4].checkedSum == 7 && [Int]().checkedProduct == 1)
    }
}
