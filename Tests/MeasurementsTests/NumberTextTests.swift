import Measurements
import Testing

@Suite struct DecimalTextTests {
    @Test func writesTheSameEverywhere() {
        #expect(DecimalText.fixed(1_403.456, places: 2) == "1,403.46")
        #expect(DecimalText.fixed(-0.001, places: 2) == "0.00")
        #expect(DecimalText.fixed(-12.5, places: 1) == "-12.5")
        #expect(DecimalText.fixed(0.05, places: 2) == "0.05")
        #expect(DecimalText.significant(0.99999, digits: 3) == "1.00")
        #expect(DecimalText.significant(3_787.5, digits: 3) == "3,788")
        #expect(DecimalText.significant(0.002134, digits: 3) == "0.00213")
        #expect(DecimalText.significant(12_345_678, digits: 3) == "1.23e7")
        #expect(DecimalText.significant(2e-9, digits: 3) == "2e-9")
        #expect(DecimalText.grouped(16_888_528) == "16,888,528")
        #expect(DecimalText.grouped(Int.min) == "-9,223,372,036,854,775,808")
        #expect(DecimalText.fixed(.nan, places: 1) == "nan")
        for count in [Int.min, -1, Int.max] {
            for value in [0, 1e-300, 0.5, 123_456, 1e300] {
                #expect(!DecimalText.fixed(value, places: count).isEmpty)
                #expect(!DecimalText.significant(value, digits: count).isEmpty)
                #expect(!DecimalText.scientific(value, digits: count).isEmpty)
            }
        }
        #expect(DecimalText.fixed(1e300, places: 1) == "1e300")
    }
}

@Suite struct NumberFormTests {
    @Test func eachFormHasItsDigits() {
        #expect(NumberForm.count.text(1_233_325) == "1,233,325")
        #expect(NumberForm.decimal.text(131.154) == "131.15")
        #expect(NumberForm.decimal.text(0.012345) == "0.0123")
        #expect(NumberForm.decimal.text(0) == "0.00")
        #expect(NumberForm.rate.text(15.15) == "15.2")
        #expect(NumberForm.duration.text(0.4216) == "0.422 s")
        #expect(NumberForm.memory.text(2_340_000_000) == "2.34 GB" && NumberForm.memory.text(34.5e6) == "34.5 MB")
        for form in NumberForm.allCases {
            for value in [Double.nan, .infinity, -.infinity] { #expect(form.text(value) == "not finite") }
            for value in [1e300, -1e300, -7, .leastNonzeroMagnitude] { #expect(!form.text(value).isEmpty) }
        }
    }

    @Test func timeSpans() {
        #expect(DecimalText.duration(307.4) == "5 min 07 s")
        #expect(DecimalText.duration(7_410) == "2 h 04 min")
        #expect(DecimalText.duration(99.96) == "1 min 40 s")
        #expect(DecimalText.duration(42, digits: 1) == "42 s" && DecimalText.duration(7, digits: 1) == "7 s")
        #expect(DecimalText.duration(0) == "0 s")
    }

    @Test func aReadingShowsHowSureItIs() {
        let quantity = Quantity("loss", name: "loss", form: .decimal)
        #expect(Reading(quantity, 124, uncertainty: 0.5).text == "124.00 ± 0.50")
        #expect(Reading(quantity, 124).text == "124.00")
        #expect(Reading(quantity, .nan, uncertainty: 1).text == "not finite")
        #expect(NumberForm.rate.text(15.15, uncertainty: 1.234) == "15.2 ± 1.2")
        #expect(NumberForm.count.text(4_200, uncertainty: 1_100) == "4,200 ± 1,100")
        #expect(NumberForm.duration.text(307, uncertainty: 2) == "5 min 07 s ± 2.00 s")
        #expect(NumberForm.decimal.text(1e300, uncertainty: 1) == "1e300 ± 1.00")
    }
}
