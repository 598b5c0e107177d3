import FlowMatching
import FlowMatchingLaws
import SmoothPath
import Testing

@Suite("The smooth path")
struct SmoothPathTests {
    @Test("keeps what is true of every path", arguments: PathLaw.allCases)
    func law(law: PathLaw) throws {
        let violation = try law.violation(of: SmoothPath(), on: DeviceRequest().engine())
        #expect(violation == nil)
    }

    @Test("is half way at half the time")
    func middle() throws {
        let engine = try DeviceRequest().engine()
        let function = try engine.function("middle", arguments: [TensorType([1])]) { arguments in
            let c = SmoothPath().coefficients(at: arguments[0])
            return [c.alpha, c.alphaDerivative]
        }
        let time = try DeviceArray([0.5 as Float], TensorType([1]), on: engine.device)
        #expect(try function([time]).map { try $0.values(as: Float.self)[0] } == [0.5, 1.5])
    }
}
