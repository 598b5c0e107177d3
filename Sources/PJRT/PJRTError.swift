/// The status codes a plugin reports, numbered as `absl::StatusCode`.
public enum StatusCode: Int32, Sendable, Hashable {
    case cancelled = 1
    case unknown, invalidArgument, deadlineExceeded, notFound, alreadyExists, permissionDenied
    case resourceExhausted, failedPrecondition, aborted, outOfRange, unimplemented, `internal`, unavailable
    case dataLoss, unauthenticated
}

/// What the plugin was asked to do when it reported an error.
public enum PluginOperation: String, Sendable, Hashable {
    case initializePlugin = "initialise itself"
    case readAttributes = "report its attributes"
    case createClient = "create a client"
    case inspectClient = "describe its client"
    case inspectDevice = "describe a device"
    case readMemoryStatistics = "report the memory of a device"
    case describeDevices = "take a description of devices"
    case compile = "compile the program"
    case inspectExecutable = "describe an executable"
    case serializeExecutable = "serialise an executable"
    case loadExecutable = "load a serialised executable"
    case execute = "run an executable"
    case copyToDevice = "copy an array to a device"
    case copyToHost = "copy an array to the host"
    case inspectBuffer = "describe a buffer"
    case registerHandler = "register a custom-call handler"
}

/// Everything that can go wrong between this package and a PJRT plugin.
public enum PJRTError: Error, Sendable, Hashable {
    /// No file at the path of a plugin.
    case pluginNotFound(path: String, origin: PluginCandidate.Origin)
    /// The file is there but cannot be read.
    case pluginUnreadable(path: String, reason: String)
    /// The file is not a 64-bit ELF shared library.
    case notASharedLibrary(path: String)
    /// The file ends before the parts its header lists.
    case truncatedLibrary(path: String, expectedBytes: UInt64, actualBytes: UInt64)
    /// The dynamic loader refused the library.
    case libraryNotLoaded(path: String, reason: String)
    /// A library of NVIDIA's that the CUDA plugin needs is not found, or does not load.
    case nvidiaLibraryMissing(name: String, reason: String, plugin: String)
    /// The library is no PJRT plugin.
    case noEntryPoint(path: String)
    /// The plugin speaks another major version of the PJRT ABI.
    case incompatibleVersion(path: String, major: Int, minor: Int)
    /// The plugin's function table lacks a function that cannot be done without.
    case missingFunction(path: String, name: String)
    /// An optional ability that this plugin lacks.
    case unsupported(feature: String, path: String)
    /// The plugin reported an error.
    case failure(PluginOperation, code: StatusCode, message: String)
    /// The bytes of a serialised executable are not what was written.
    case damagedExecutable
    /// Host bytes and array shape disagree.
    case byteCountMismatch(expected: Int, actual: Int, shape: ArrayShape)
    /// An array dimension is negative, or the array has more bytes than an address can count.
    case invalidDimensions([Int])
    /// An array of an element type outside ``ElementType``.
    case unsupportedElementType(code: Int32)
    /// The buffer was given away to an earlier execution.
    case bufferDonated(shape: ArrayShape, argument: Int?)
    /// A buffer, or a device, of another client.
    case foreignBuffer(argument: Int)
    /// One argument list a device is needed.
    case deviceCountMismatch(expected: Int, actual: Int)
    /// The argument lists of the devices differ in length.
    case argumentCountMismatch(expected: Int, actual: Int, device: Int)
    /// The compile options ask for devices that the client lacks.
    case invalidDeviceAssignment(reason: String)
}

extension PJRTError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .pluginNotFound(let path, .environment):
            "There is no plugin at '\(path)', which \(PluginLocator.environmentVariable) names; correct or unset it."
        case .pluginNotFound(let path, _):
            "There is no plugin at '\(path)'; check the path, or leave it out to use an installed plugin."
        case .pluginUnreadable(let path, let reason):
            "The plugin '\(path)' cannot be read: \(reason)."
        case .notASharedLibrary(let path):
            "'\(path)' is not a 64-bit shared library; give the path of a PJRT plugin (.so)."
        case .truncatedLibrary(let path, let expected, let actual):
            "The plugin '\(path)' is cut short: \(actual) bytes of at least \(expected); fetch it again."
        case .libraryNotLoaded(let path, let reason):
            "The plugin '\(path)' could not be loaded: \(reason)."
        case .nvidiaLibraryMissing(NVIDIALibraries.driver, let reason, let plugin):
            "The CUDA plugin '\(plugin)' needs NVIDIA's driver, whose \(NVIDIALibraries.driver) does not load "
                + "(\(reason)); install the driver, or run on another device."
        case .nvidiaLibraryMissing(let name, let reason, let plugin):
            "The CUDA plugin '\(plugin)' needs NVIDIA's \(name), which does not load (\(reason)); run "
                + "`make setup-cuda` and use its plugin, or add the library's folder to LD_LIBRARY_PATH."
        case .noEntryPoint(let path):
            "'\(path)' is a shared library but no PJRT plugin: it does not provide GetPjrtApi."
        case .incompatibleVersion(let path, let major, let minor):
            "The plugin '\(path)' speaks PJRT API \(major).\(minor); this program needs major version 0."
        case .missingFunction(let path, let name):
            "The plugin '\(path)' is too old: it lacks the PJRT function '\(name)'; use a newer plugin."
        case .unsupported(let feature, let path):
            "The plugin '\(path)' does not support \(feature)."
        case .failure(let operation, .resourceExhausted, let message) where outOfMemory != nil:
            "There is not enough memory for the plugin to \(operation.rawValue): "
                + (outOfMemory?.requestedBytes.map { "\(byteCountText($0)) could not be had." } ?? message)
        case .failure(let operation, let code, let message):
            "The plugin could not \(operation.rawValue) (\(code)): \(message)"
        case .damagedExecutable:
            "The serialised executable is damaged or was not written by this program; compile the program again."
        case .byteCountMismatch(let expected, let actual, let shape):
            "An array of shape \(shape) has \(expected) bytes, but \(actual) were given."
        case .invalidDimensions(let dimensions):
            "\(dimensions) are not the dimensions of an array: each must be 0 or more and the array addressable."
        case .unsupportedElementType(let code):
            "Arrays of the plugin's element type \(code) are not supported."
        case .bufferDonated(let shape, let argument?):
            "Argument \(argument) (\(shape)) was donated to an earlier execution and holds no array any more."
        case .bufferDonated(let shape, nil):
            "The buffer (\(shape)) was donated to an execution and holds no array any more."
        case .foreignBuffer(let argument):
            "Argument \(argument) is a buffer of another client than the executable's."
        case .deviceCountMismatch(let expected, let actual):
            "The executable runs on \(expected) device(s), but argument lists for \(actual) were given."
        case .argumentCountMismatch(let expected, let actual, let device):
            "Device \(device) was given \(actual) arguments and device 0 was given \(expected); they must agree."
        case .invalidDeviceAssignment(let reason):
            "The program cannot be placed on devices: \(reason)."
        }
    }
}
