// swift-tools-version: 6.3

import PackageDescription

let package = Package(
    name: "OwnModel",
    dependencies: [.package(name: "swift-flow-matching", path: "../..")],
    targets: [
        .executableTarget(
            name: "OwnModel",
            dependencies: [
                .product(name: "FlowMatching", package: "swift-flow-matching"),
                .product(name: "FlowMatchingCommands", package: "swift-flow-matching"),
            ])
    ]
)
