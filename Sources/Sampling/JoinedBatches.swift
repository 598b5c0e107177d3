package import Compute
import Flows
import StableHLO

extension Sampler {
    /// Whether batches can be taken on as one.
    ///
    /// Those that are equally large and equally far, and follow the same velocity. A stochastic solver's noise is that of one
    /// seed, and devices share a batch in an order of their own.
    ///
    /// - Parameters:
    ///   - batch: of this sampler
    ///   - other: the second batch
    ///   - sampler: of the second batch
    package func joins(_ batch: SamplingBatch, _ other: SamplingBatch, sampler: Sampler) -> Bool {
        programs === sampler.programs && !solver.isStochastic && solver.tolerance == nil && engine.device.count == 1
            && batch.size == other.size && batch.stepsDone == other.stepsDone && batch.isGuided == other.isGuided
    }

    /// Takes batches that can be joined to the state after `stop` of the steps between times, in one computation: each
    /// becomes what it would have become alone, but for rounding.
    ///
    /// - Throws: ``SamplingError``, or what the device reports.
    package func advance(
        together batches: inout [SamplingBatch], weights: [DeviceArray], to stop: Int, along times: [Double]
    ) throws {
        guard batches.count > 1 else {
            for index in batches.indices { try advance(&batches[index], weights: weights, to: stop, along: times) }
            return
        }
        let first = batches[0]
        precondition(
            batches.allSatisfy { joins(first, $0, sampler: self) }, "batches of one size, as far on their way")
        func joined<Element: BitwiseCopyable>(
            _ part: (SamplingBatch) -> DeviceArray, as type: Element.Type
        ) throws -> DeviceArray {
            let shape = part(first).type.shape
            return try DeviceArray(
                batches.flatMap { try part($0).values(as: type) },
                TensorType([shape[0] * batches.count] + shape.dropFirst(), part(first).type.elementType),
                on: engine.device)
        }
        var all = SamplingBatch(
            count: first.size * batches.count, state: try joined(\.state, as: Float.self), origin: first.origin,
            labels: try joined(\.labels, as: Int32.self), guidance: try joined(\.guidance, as: Float.self),
            isGuided: first.isGuided)
        all.stepsDone = first.stepsDone
        try advance(&all, weights: weights, to: stop, along: times)
        let values = try all.images()
        let length = values.count / batches.count
        for index in batches.indices {
            batches[index].state = try DeviceArray(
                Array(values[index * length..<(index + 1) * length]), first.state.type, on: engine.device)
            batches[index].stepsDone = all.stepsDone
            batches[index].evaluations += all.evaluations
        }
    }

    /// Whether what takes so many batches on as one is compiled.
    package func isPrepared(toJoin count: Int, of batch: SamplingBatch, along times: [Double]) -> Bool {
        joinedPrograms(batch).allSatisfy {
            programs.has(flowKey(batch.size * count, isGuided: $0, steps: times.count - 1))
        }
    }

    /// Compiles what takes so many batches on as one.
    ///
    /// - Throws: what the device reports.
    package func prepare(toJoin count: Int, of batch: SamplingBatch, along times: [Double]) throws {
        for isGuided in joinedPrograms(batch) {
            _ = try flowFunction(batch.size * count, isGuided: isGuided, steps: times.count - 1)
        }
    }

    /// With or without the baseline; both where guidance has an interval.
    private func joinedPrograms(_ batch: SamplingBatch) -> [Bool] {
        guard batch.isGuided, computations.canGuide else { return [false] }
        return field.guidance.switchTimes.isEmpty ? [true] : [true, false]
    }
}
