import Foundation
import PJRT
import Testing

/// The plugin that the tests run on: the environment's, else one that the set-up put in `.setup/plugins`.
enum PluginGate {
    static let path: String? = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        var environment = ProcessInfo.processInfo.environment
        environment["PATH"] = nil
        environment["VIRTUAL_ENV"] = nil
        let setUpFolder = root.appending(path: ".setup").path(percentEncoded: false)
        let locator = PluginLocator(setUpFolder: setUpFolder, environment: environment)
        return try? locator.candidates().first?.path
    }()

    /// Without a plugin the tests fail, unless the environment says that none is to be expected.
    static var isOpen: Bool {
        path != nil || ProcessInfo.processInfo.environment["FLOWMATCH_NO_PLUGIN_TESTS"] != "1"
    }

    static func plugin() throws -> Plugin {
        let path = try #require(
            path,
            """
            No plugin found: run the set-up or set PJRT_PLUGIN_LIBRARY_PATH; FLOWMATCH_NO_PLUGIN_TESTS=1 skips these tests.
            """)
        return try Plugin.load(path: path)
    }
}

/// All tests that hold native objects. Each counts its own and checks that none is left.
@Suite(
    .enabled(if: PluginGate.isOpen, "No plugin, and FLOWMATCH_NO_PLUGIN_TESTS=1: tests that need one are left out."))
struct PluginTests {}

/// Runs a test on a client of its own and checks that every native object is released at its end.
func withClient(
    _ options: [String: NamedValue] = ["cpu_device_count": 1], sourceLocation: SourceLocation = #_sourceLocation,
    _ body: (Client) throws -> Void
) throws {
    try LiveObjects.$current.withValue(LiveObjects()) {
        try {
            let client = try Client(try PluginGate.plugin(), options: options)
            try body(client)
        }()
        expectNoLiveObjects(sourceLocation)
    }
}

/// As ``withClient``, for a test that suspends.
func withClient(
    _ options: [String: NamedValue] = ["cpu_device_count": 1], sourceLocation: SourceLocation = #_sourceLocation,
    _ body: (Client) async throws -> Void
) async throws {
    try await LiveObjects.$current.withValue(LiveObjects()) {
        try await {
            let client = try Client(try PluginGate.plugin(), options: options)
            try await body(client)
        }()
        expectNoLiveObjects(sourceLocation)
    }
}

private func expectNoLiveObjects(_ sourceLocation: SourceLocation) {
    let alive = LiveObjects.current.counts.filter { $0.value != 0 }
    #expect(alive.isEmpty, "native objects are left", sourceLocation: sourceLocation)
}

extension Client {
    func array(_ values: [Float], _ dimensions: [Int]? = nil, on device: Int = 0) throws -> Buffer {
        try Buffer(values, shape: ArrayShape(.float32, dimensions ?? [values.count]), on: devices[device])
    }
}

/// Programs used by several tests.
enum Programs {
    /// Doubles four numbers.
    static let double = """
        module @double {
          func.func public @main(%x: tensor<4xf32>) -> tensor<4xf32> {
            %y = stablehlo.add %x, %x : tensor<4xf32>
            return %y : tensor<4xf32>
          }
        }
        """

    /// Adds one to the first argument in place and returns the product of both besides.
    static let donating = """
        module @donating {
          func.func public @main(%x: tensor<3xf32> {tf.aliasing_output = 0 : i32}, %y: tensor<3xf32>)
              -> (tensor<3xf32>, tensor<3xf32>) {
            %one = stablehlo.constant dense<1.0> : tensor<3xf32>
            %a = stablehlo.add %x, %one : tensor<3xf32>
            %b = stablehlo.multiply %x, %y : tensor<3xf32>
            return %a, %b : tensor<3xf32>, tensor<3xf32>
          }
        }
        """
}
