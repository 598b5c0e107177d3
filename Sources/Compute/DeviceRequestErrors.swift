import PJRT

/// No plugin anywhere.
public struct NoPlugin: Error, CustomStringConvertible {
    /// There is nothing to say beside that.
    package init() {}

    public let description =
        "no PJRT plugin was found; run `make setup`, or name one with --plugin or \(PluginLocator.environmentVariable)"
}

/// Plugins are there, but none for the platform asked for.
public struct NoPluginForPlatform: Error, CustomStringConvertible {
    let platform: String
    let found: [String]

    public var description: String {
        let advice = platform == "cuda" ? "run `make setup-cuda`, install jax[cuda13], or name" : "name"
        return "no PJRT plugin for '\(platform)' was found among \(found.joined(separator: ", ")); "
            + "\(advice) one with --plugin"
    }
}

/// The plugin named with --plugin is another platform's than --device asks for.
public struct OtherPlatform: Error, CustomStringConvertible {
    let asked: String
    let actual: String
    let plugin: String

    public var description: String {
        "the plugin \(plugin) is for '\(actual)', not for '\(asked)'; correct --device or --plugin"
    }
}

/// Options of a GPU's memory for a plugin without one.
public struct NotAGPU: Error, CustomStringConvertible {
    let plugin: String

    public var description: String {
        "--memory-fraction, --preallocate and --allocator are for GPUs, which the plugin \(plugin) does not run on; "
            + "leave them out, or choose a GPU with --device"
    }
}

/// A number of threads for a plugin that computes with none.
public struct NotACPU: Error, CustomStringConvertible {
    let plugin: String

    public var description: String {
        "--threads is for CPUs, which the plugin \(plugin) does not run on; leave it out, or choose --device cpu"
    }
}

/// The plugin is a GPU's and does not open the GPUs asked for.
public struct GPUUnavailable: Error, CustomStringConvertible {
    let devices: Range<Int>
    let reason: String

    public var description: String {
        let numbers = devices.map(String.init).joined(separator: ", ")
        return "\(devices.count == 1 ? "GPU" : "GPUs") \(numbers) cannot be used: \(reason) "
            + "(`flowmatch devices` lists those there are)"
    }
}

/// A number of devices that no machine has.
public struct NoSuchDeviceCount: Error, CustomStringConvertible {
    let count: Int

    public var description: String {
        "\(count) devices cannot be asked for; choose from 1 to \(DeviceSelection.indices.count)"
    }
}
