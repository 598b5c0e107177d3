import Basis
import Testing

@Suite("Snake case")
struct SnakeCaseTests {
    @Test(
        "A capital letter begins a word, but for the first",
        arguments: [
            ("weight", "weight"), ("numBatchesTracked", "num_batches_tracked"), ("D", "d"), ("conv1d", "conv1d"),
        ])
    func words(name: String, expected: String) { #expect(name.snakeCased == expected) }
}
