// swift-tools-version: 6.3

import PackageDescription

let flowMatching: (String) -> Target.Dependency = { .product(name: $0, package: "swift-flow-matching") }

let package = Package(
    name: "OwnPath",
    dependencies: [.package(name: "swift-flow-matching", path: "../..")],
    targets: [
        .target(name: "SmoothPath", dependencies: [flowMatching("FlowMatching")]),
        .executableTarget(
            name: "OwnPath",
            dependencies: ["SmoothPath", flowMatching("FlowMatching"), flowMatching("FlowMatchingCommands")]),
        .testTarget(
            name: "SmoothPathTests",
            dependencies: ["SmoothPath", flowMatching("FlowMatching"), flowMatching("FlowMatchingLaws")]),
    ]
)
