import Foundation
import PJRT
import Testing

@Suite struct PluginLocatorTests {
    private let root = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
        .appending(path: "locator-tests-\(UUID().uuidString)")

    private func file(_ path: String, _ contents: String = "", executable: Bool = false) throws -> String {
        let url = root.appending(path: path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(contents.utf8).write(to: url)
        if executable {
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o755], ofItemAtPath: url.path(percentEncoded: false))
        }
        return url.path(percentEncoded: false)
    }

    @Test func theOrderIsEnvironmentSetUpPython() throws {
        defer { try? FileManager.default.removeItem(at: root) }
        let environment = try file("elsewhere/any-name.so")
        let cpu = try file(".setup/plugins/cpu/package/pjrt_c_api_cpu_plugin.so")
        let cuda = try file(".setup/plugins/cuda/xla_cuda_plugin.so")
        _ = try file(".setup/plugins/cuda/libcudart.so")
        let python = try file("site-packages/jax_plugins/xla_cuda13/xla_cuda_plugin.so")
        let packages = root.appending(path: "site-packages").path(percentEncoded: false)
        _ = try file("bin/python3", "#!/bin/sh\necho\necho '\(packages)'\n", executable: true)
        let locator = PluginLocator(
            setUpFolder: root.appending(path: ".setup").path(percentEncoded: false),
            environment: [
                "PJRT_PLUGIN_LIBRARY_PATH": environment,
                "PATH": root.appending(path: "bin").path(percentEncoded: false),
            ])
        #expect(
            try locator.candidates() == [
                PluginCandidate(path: environment, origin: .environment),
                PluginCandidate(path: cpu, origin: .setUpFolder),
                PluginCandidate(path: cuda, origin: .setUpFolder),
                PluginCandidate(path: python, origin: .pythonPackage),
            ])
        #expect(
            try PluginLocator(explicitPath: cuda, environment: locator.environment).candidates() == [
                PluginCandidate(path: cuda, origin: .explicit)
            ])
    }

    @Test func onePluginIsListedOnce() throws {
        defer { try? FileManager.default.removeItem(at: root) }
        let cpu = try file(".setup/plugins/cpu/cpu_plugin.so")
        let locator = PluginLocator(
            setUpFolder: root.appending(path: ".setup").path(percentEncoded: false),
            environment: ["PJRT_PLUGIN_LIBRARY_PATH": cpu])
        #expect(try locator.candidates() == [PluginCandidate(path: cpu, origin: .environment)])
    }

    @Test func nothingInstalledIsAnEmptyList() throws {
        #expect(try PluginLocator(setUpFolder: "/no/such/folder", environment: [:]).candidates().isEmpty)
        #expect(try PluginLocator(environment: ["PJRT_PLUGIN_LIBRARY_PATH": ""]).candidates().isEmpty)
    }

    @Test func aPathGivenOutrightMustExist() {
        #expect(throws: PJRTError.pluginNotFound(path: "/no/plugin.so", origin: .explicit)) {
            try PluginLocator(explicitPath: "/no/plugin.so", environment: [:]).candidates()
        }
        #expect(throws: PJRTError.pluginNotFound(path: "/no/plugin.so", origin: .environment)) {
            try PluginLocator(environment: ["PJRT_PLUGIN_LIBRARY_PATH": "/no/plugin.so"]).candidates()
        }
    }
}
