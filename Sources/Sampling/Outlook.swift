public import Compute
import Flows
import StableHLO
import Tensors

/// What a guided field says of images on their way: where they are heading, and the ends that this points to.
public struct Outlook: Sendable {
    /// dx/dt, row-major (count, channels, height, width), as are the others.
    public let velocity: [Float]
    /// The data that the velocity points to: z of x = alpha z + beta eps and u = alpha' z + beta' eps.
    public let data: [Float]
    /// The noise that it points away from: eps of the same.
    public let noise: [Float]
}

extension Sampler {
    /// The outlook of a batch where it is now.
    ///
    /// - Parameters:
    ///   - batch: on its way
    ///   - weights: one array for each entry of the network's parameter tree
    ///   - time: of the batch
    /// - Throws: what the device reports.
    public func outlook(
        of batch: SamplingBatch, weights: [DeviceArray], at time: Double
    ) throws -> Outlook {
        let isGuided = isGuided(batch, from: time, to: time)
        let (size, constants) = (batch.size, computations.constantTypes(batch.size))
        let key = TracedPrograms.Key("outlook", size, isGuided: isGuided)
        let function = try programs.function(key) {
            let others = [batch.state.type, TensorType([])]
            return try engine.function("outlook", arguments: constants + others) { arguments in
                let (state, time) = (arguments[constants.count], arguments[constants.count + 1])
                let velocity = computations.velocity(Array(arguments[..<constants.count]), isGuided: isGuided)
                let x = state.splitAcrossDevices()
                let slope = velocity([x], time)[0]
                let ends = field.field.ends(of: slope, at: x, time: time.broadcast(to: [size]))
                return [slope, ends.data, ends.noise]
            }
        }
        let now = try DeviceArray([Float(time)], TensorType([]), on: engine.device)
        let results = try function(self.constants(batch, weights) + [batch.state, now]).map {
            Array(try $0.values(as: Float.self).prefix(batch.count * network.imageShape.reduce(1, *)))
        }
        return Outlook(velocity: results[0], data: results[1], noise: results[2])
    }

    /// Images that are noised to a time, to flow on from there: edited in what the noise has hidden, kept in the rest
    /// (Meng et al. 2022, "SDEdit").
    ///
    /// - Parameters:
    ///   - request: labels, scales and the noise
    ///   - seed: of the noise
    ///   - images: one for each label, row-major (count, channels, height, width)
    ///   - step: how many of the steps between `times` are taken for done
    ///   - times: between which the solver's steps lead
    /// - Throws: ``SamplingError``, or what the device reports.
    public func begin(
        _ request: SamplingRequest, seed: UInt64, noising images: [Float], at step: Int, along times: [Double]
    ) throws -> SamplingBatch {
        precondition(times.indices.contains(step), "a step of the grid")
        var batch = try begin(request, seed: seed)
        let (size, type) = (batch.size, batch.state.type)
        let function = try programs.function(TracedPrograms.Key("noised", size)) {
            try engine.function("noised", arguments: [type, type, TensorType([])]) { arguments in
                let time = field.field.path.regularTimes.held(arguments[2]).broadcast(to: [size])
                return [field.field.path.point(data: arguments[0], noise: arguments[1], time: time).x]
            }
        }
        let missing = [Float](repeating: 0, count: type.elementCount - images.count)
        let data = try DeviceArray(images + missing, type, on: engine.device)
        let time = try DeviceArray([Float(times[step])], TensorType([]), on: engine.device)
        batch.state = try function([data, batch.state, time])[0]
        batch.stepsDone = step
        return batch
    }
}

extension ClosedRange<Double> {
    /// A scalar time moved into this range.
    fileprivate func held(_ time: Tensor) -> Tensor {
        time.maximum(Tensor(lowerBound)).minimum(Tensor(upperBound))
    }
}
