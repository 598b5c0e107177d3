public import Foundation

/// Everything a report of a comparison says, but for its pictures: the pages are computed from this value alone.
///
/// Its JSON form is described by `Documentation/report.schema.json`.
public struct ExperimentReport: Codable, Sendable, Equatable {
    /// The version of the JSON form; it rises when a reader of the old form would misread the new one.
    public static let currentFormatVersion = 1

    public private(set) var formatVersion = Self.currentFormatVersion
    public var title: String
    /// The command line that makes this report again.
    public var command: String
    /// When the run ended, to the second.
    public private(set) var date: Date
    public var environment: ReportEnvironment
    public var configuration: ReportConfiguration
    /// In the order in which they are shown.
    public var models: [ModelReport]

    public init(
        title: String, command: String, date: Date, environment: ReportEnvironment,
        configuration: ReportConfiguration, models: [ModelReport]
    ) {
        self.title = title
        self.command = command
        self.date = Date(timeIntervalSince1970: date.timeIntervalSince1970.rounded(.down))
        self.environment = environment
        self.configuration = configuration
        self.models = models
    }
}

/// What the run was made with. No path belongs here.
public struct ReportEnvironment: Codable, Sendable, Equatable {
    /// The version of this software.
    public var version: String
    /// The plugin's file name.
    public private(set) var plugin: String
    /// The version of the PJRT C API that the plugin speaks, for instance `0.115`.
    public var interfaceVersion: String
    /// The plugin's platform, for instance `cpu` or `cuda`, with its own version where it has one.
    public var platform: String
    /// The device, as the plugin describes it.
    public var device: String
    /// The host's processor, and how many of its cores were used.
    public var processor: String

    /// - Parameter plugin: the plugin's name or path; only the last part of a path is kept.
    public init(
        version: String, plugin: String, interfaceVersion: String, platform: String, device: String,
        processor: String
    ) {
        self.version = version
        self.plugin = plugin.split(separator: "/").last.map(String.init) ?? plugin
        self.interfaceVersion = interfaceVersion
        self.platform = platform
        self.device = device
        self.processor = processor
    }
}

/// What was trained, and how.
public struct ReportConfiguration: Codable, Sendable, Equatable {
    public var dataSet: String
    /// Optimizer steps of each model.
    public var steps: Int
    /// Images a step.
    public var batchSize: Int
    @NullIfNotFinite public var learningRate: Double
    /// The chance that a label is replaced by the null label, which trains classifier-free guidance.
    @NullIfNotFinite public var nullLabelProbability: Double
    public var seed: UInt64
    /// Everything else that was configured, in the order in which it is shown.
    public var settings: [ReportSetting]

    public init(
        dataSet: String, steps: Int, batchSize: Int, learningRate: Double, nullLabelProbability: Double,
        seed: UInt64, settings: [ReportSetting] = []
    ) {
        self.dataSet = dataSet
        self.steps = steps
        self.batchSize = batchSize
        self.learningRate = learningRate
        self.nullLabelProbability = nullLabelProbability
        self.seed = seed
        self.settings = settings
    }
}

/// A configured value under its name, as text with its unit.
public struct ReportSetting: Codable, Sendable, Equatable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}
