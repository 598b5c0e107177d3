import Compute
import Models
import Settings
import TestSupport
import Testing
import Training

@Suite("Training on several devices", .needsPlugin)
struct SeveralDevicesTests {
    /// Noise, times and hidden labels are one device's, and batch statistics are those of the whole batch; the devices'
    /// parts of a sum are added in another order, which float32 notices in its last digits only. What lies between
    /// forward and backward pass is divided, so no device computes more than its share of images.
    @Test(
        "Twenty steps have one device's losses and gradient norms, for a share of its work",
        arguments: Networks.registry.names)
    func sameRun(model: String) throws {
        let one = try TwentySteps(model, on: Engine.shared)
        // The network whose batch statistics cross devices, on a second number of them.
        for count in model == "unet" ? [2, 4] : [4] {
            let several = try TwentySteps(model, on: Engine.of(devices: count))
            for (step, (a, b)) in zip(several.metrics, one.metrics).enumerated() {
                #expect(abs(a.loss - b.loss) <= 1e-5 * b.loss, "step \(step + 1) on \(count) devices")
                #expect(
                    abs(a.gradientNorm - b.gradientNorm) <= 1e-5 * b.gradientNorm,
                    "step \(step + 1) on \(count) devices")
            }
            let share = Double(several.temporaries) / Double(one.temporaries)
            #expect(
                share > 0 && share < 1.25 / Double(count), "\(several.temporaries) of \(one.temporaries) bytes")
        }
    }

    @Test("A batch that the devices cannot share equally is refused")
    func unequalShares() throws {
        let folder = TinyRun.folder()
        defer { TinyRun.remove(folder) }
        #expect(throws: TrainingError.batchNotDivisible(batch: 8, devices: 3)) {
            try TinyRun.train(folder, TinyRun.configuration(steps: 1), on: Engine.of(devices: 3))
        }
    }
}
