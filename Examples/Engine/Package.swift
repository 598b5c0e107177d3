// swift-tools-version: 6.3

import PackageDescription

let package = Package(
    name: "Engine",
    dependencies: [.package(name: "swift-flow-matching", path: "../..")],
    targets: [
        .executableTarget(
            name: "Engine",
            dependencies: [.product(name: "XLAEngine", package: "swift-flow-matching")])
    ]
)
