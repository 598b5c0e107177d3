// swift-tools-version: 6.3

import PackageDescription

let package = Package(
    name: "Digits",
    dependencies: [.package(name: "swift-flow-matching", path: "../..")],
    targets: [
        .executableTarget(
            name: "Digits",
            dependencies: [.product(name: "FlowMatching", package: "swift-flow-matching")])
    ]
)
