public import PJRT
public import StableHLO

/// What can go wrong between a traced program and a device.
public enum ComputeError: Error, CustomStringConvertible {
    /// No plugin was found anywhere.
    case noPlugin
    /// The plugin's client has no device of that number.
    case noSuchDevice(index: Int, count: Int, platform: String)
    /// What the plugin reports.
    case plugin(PJRTError)
    /// A program needs more memory than the machine has.
    case memory(NotEnoughResources)
    /// A call's arguments do not fit the program.
    case argumentCount(program: String, expected: Int, actual: Int)
    /// An argument of another shape or element type than the program takes.
    case argumentType(program: String, index: Int, expected: TensorType, actual: TensorType)
    /// An array lies on another number of devices than the program runs on.
    case deviceCount(program: String, expected: Int, actual: Int)
    /// Values of another number or size than the array they were to fill.
    case valueCount(type: TensorType, actual: Int)
    /// Values were given or asked for as another type than the array holds.
    case elementType(type: TensorType, asked: String)

    public var description: String {
        switch self {
        case .noPlugin:
            "no PJRT plugin was found; run `make setup`, or name one with --plugin or \(PluginLocator.environmentVariable)"
        case .noSuchDevice(let index, let count, let platform):
            "there is no device \(index): the \(platform) client has \(count), numbered from 0"
        case .plugin(let error) where error.outOfMemory != nil:
            "\(error) Use a smaller --batch-size, or on a GPU a larger --memory-fraction."
        case .plugin(let error): "\(error)"
        case .memory(let lack): "\(lack); use a smaller batch, model or image"
        case .argumentCount(let program, let expected, let actual):
            "program \(program) takes \(expected) arguments, \(actual) were given"
        case .argumentType(let program, let index, let expected, let actual):
            "argument \(index) of program \(program) is \(actual), but it takes \(expected)"
        case .deviceCount(let program, let expected, let actual):
            "an argument of program \(program) lies on \(actual) devices, but the program runs on \(expected)"
        case .valueCount(let type, let actual): "\(actual) values were given for \(type)"
        case .elementType(let type, let asked): "the elements of \(type) are not of type \(asked)"
        }
    }
}
