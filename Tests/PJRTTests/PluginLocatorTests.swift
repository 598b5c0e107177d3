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

    @Test func theCPUComesFirstThenNamesThenLaterVersions() throws {
        defer { try? FileManager.default.removeItem(at: root) }
        for name in ["xla_cuda9", "xla_cuda12", "amd", "cpu", "xla_cuda13"] {
            _ = try file(".setup/plugins/\(name)/\(name)_plugin.so")
        }
        let locator = PluginLocator(
            setUpFolder: root.appending(path: ".setup").path(percentEncoded: false), environment: [:])
        let names = try locator.candidates().map { $0.path.split(separator: "/").dropLast().last ?? "" }
        #expect(names == ["cpu", "amd", "xla_cuda13", "xla_cuda12", "xla_cuda9"])
    }

    @Test func anActiveVirtualEnvironmentGoesBeforeThePath() throws {
        defer { try? FileManager.default.removeItem(at: root) }
        var expected: [String] = []
        for name in ["environment", "system"] {
            expected.append(try file("\(name)/site/jax_plugins/xla_cuda13/xla_cuda_plugin.so"))
            let packages = root.appending(path: "\(name)/site").path(percentEncoded: false)
            _ = try file("\(name)/bin/python3", "#!/bin/sh\necho '\(packages)'\n", executable: true)
        }
        let path = root.appending(path: "system/bin").path(percentEncoded: false)
        var locator = PluginLocator(environment: ["PATH": path])
        #expect(try locator.candidates().map(\.path) == [expected[1]])
        locator.environment["VIRTUAL_ENV"] = root.appending(path: "environment").path(percentEncoded: false)
        #expect(try locator.candidates().map(\.path) == [expected[0]])
    }

    @Test func pythonIsAskedOnlyWhereNothingElseIsWanted() throws {
        defer { try? FileManager.default.removeItem(at: root) }
        let cpu = try file(".setup/plugins/cpu/cpu_plugin.so")
        let asked = root.appending(path: "asked").path(percentEncoded: false)
        _ = try file("bin/python3", "#!/bin/sh\n: >'\(asked)'\n", executable: true)
        let locator = PluginLocator(
            setUpFolder: root.appending(path: ".setup").path(percentEncoded: false),
            environment: ["PATH": root.appending(path: "bin").path(percentEncoded: false)])
        #expect(try locator.first { _ in true }?.path == cpu)
        #expect(!FileManager.default.fileExists(atPath: asked))
        #expect(try locator.first { $0.path.contains("cuda") } == nil)
        #expect(FileManager.default.fileExists(atPath: asked))
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
