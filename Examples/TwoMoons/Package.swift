// swift-tools-version: 6.3

import PackageDescription

let package = Package(
    name: "TwoMoons",
    dependencies: [.package(name: "swift-flow-matching", path: "../..")],
    targets: [
        .executableTarget(
            name: "TwoMoons",
            dependencies: [.product(name: "FlowMatching", package: "swift-flow-matching")])
    ]
)
