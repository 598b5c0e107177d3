// swift-tools-version: 6.3

import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "flowmatch-studio",
    products: [.executable(name: "flowmatch-studio", targets: ["flowmatch-studio"])],
    dependencies: [
        .package(name: "swift-flow-matching", path: ".."),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.6.0"),
    ],
    targets: [
        .target(
            name: "Studio",
            dependencies: [
                .product(name: "FlowMatching", package: "swift-flow-matching"),
                .product(name: "FlowMatchingLaboratory", package: "swift-flow-matching"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            resources: [.copy("Web")], swiftSettings: settings),
        .executableTarget(
            name: "flowmatch-studio",
            dependencies: [
                "Studio", .product(name: "FlowMatchingCommands", package: "swift-flow-matching"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "StudioTests",
            dependencies: ["Studio"],
            swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
