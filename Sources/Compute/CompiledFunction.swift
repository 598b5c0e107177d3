package import PJRT
public import StableHLO
import Tensors

/// A compiled program: call it with arrays, get arrays.
public struct CompiledFunction: Sendable {
    /// As it was compiled under, for messages.
    public let name: String
    /// What it takes.
    public let argumentTypes: [TensorType]
    /// What it returns.
    public let resultTypes: [TensorType]
    /// How often each native kernel is called.
    package let nativeCalls: [String: Int]
    /// The plugin's executable.
    package let executable: LoadedExecutable
    /// Where runs must not hold their temporaries side by side.
    private let turns: Turns?

    init(_ program: Program, _ executable: LoadedExecutable, turns: Turns?) {
        name = program.name
        argumentTypes = program.argumentTypes
        resultTypes = program.resultTypes
        nativeCalls = program.customCalls
        self.executable = executable
        self.turns = turns
    }

    /// Runs the program and waits for the end. Donated arguments cannot be used afterwards.
    public func callAsFunction(_ arguments: [DeviceArray]) throws(ComputeError) -> [DeviceArray] {
        try check(arguments)
        do {
            return gathered(try executable.execute(distributed(arguments)))
        } catch { throw .plugin(error) }
    }

    /// Begins a run and returns its results, which may be given to further runs at once.
    ///
    /// A run that fails does so when its results, or what was computed from them, are read. On a CPU, a run begins when
    /// the program's last one has ended.
    public func start(_ arguments: [DeviceArray]) throws(ComputeError) -> [DeviceArray] {
        try check(arguments)
        do {
            let buffers = distributed(arguments)
            guard let turns else { return gathered(try executable.start(buffers).outputs) }
            return gathered(try turns.next { () throws(PJRTError) in try executable.start(buffers) }.outputs)
        } catch { throw .plugin(error) }
    }

    /// `[argument]` to `[device][argument]`
    private func distributed(_ arguments: [DeviceArray]) -> [[Buffer]] {
        executable.devices.indices.map { device in arguments.map { $0.buffers[device] } }
    }

    /// `[device][result]` to `[result]`
    private func gathered(_ outputs: [[Buffer]]) -> [DeviceArray] {
        resultTypes.indices.map { result in DeviceArray(outputs.map { $0[result] }, resultTypes[result]) }
    }

    private func check(_ arguments: [DeviceArray]) throws(ComputeError) {
        guard arguments.count == argumentTypes.count else {
            throw .argumentCount(program: name, expected: argumentTypes.count, actual: arguments.count)
        }
        for argument in arguments where argument.buffers.count != executable.devices.count {
            throw .deviceCount(program: name, expected: executable.devices.count, actual: argument.buffers.count)
        }
        for (index, (argument, type)) in zip(arguments, argumentTypes).enumerated() where argument.type != type {
            throw .argumentType(program: name, index: index, expected: type, actual: argument.type)
        }
    }
}
