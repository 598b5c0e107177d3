// swift-tools-version: 6.3

import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
    name: "swift-flow-matching",
    products: [
        .library(name: "FlowMatching", targets: ["FlowMatching"]),
        .library(name: "FlowMatchingCommands", targets: ["FlowMatchingCommands"]),
        .library(name: "FlowMatchingLaboratory", targets: ["Experiments", "Measurements", "Reports"]),
        .library(name: "FlowMatchingLaws", targets: ["FlowMatchingLaws"]),
        .library(name: "XLAEngine", targets: ["XLAEngine"]),
        .executable(name: "flowmatch", targets: ["flowmatch"]),
        .plugin(name: "SetUp", targets: ["SetUp"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")
    ],
    targets: [
        .plugin(
            name: "SetUp",
            capability: .command(
                intent: .custom(verb: "set-up", description: "Fetch the CPU plugin, libraries and MNIST into .setup"),
                permissions: [
                    .writeToPackageDirectory(reason: "What is fetched is put into .setup."),
                    .allowNetworkConnections(scope: .all(), reason: "Files are fetched from the Python package index."),
                ])),
        .target(name: "CPJRT", exclude: ["README.md"]),
        .target(name: "CSHA256", exclude: ["README.md"]),
        .target(name: "Basis", dependencies: ["CSHA256"], exclude: ["README.md"], swiftSettings: settings),
        .target(
            name: "PJRT", dependencies: ["CPJRT", "Formats", "Basis"], exclude: ["README.md"], swiftSettings: settings),
        .target(name: "CZlib", exclude: ["README.md"]),
        .target(name: "CChecksums", exclude: ["README.md"]),
        .target(name: "CProcessMemory", exclude: ["README.md"]),
        .target(
            name: "CImageCodecs", exclude: ["README.md"],
            linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
        .target(
            name: "Formats", dependencies: ["CChecksums", "CImageCodecs", "CZlib", "Basis"], exclude: ["README.md"],
            swiftSettings: settings,
            linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
        .target(name: "Settings", dependencies: ["Basis"], exclude: ["README.md"], swiftSettings: settings),
        .target(
            name: "Datasets", dependencies: ["Settings", "Formats", "Basis"], exclude: ["README.md"],
            swiftSettings: settings),
        .target(
            name: "Compute",
            dependencies: [
                "PJRT", "CPUKernels", "CUDAKernels", "KernelCalls", "StableHLO", "Tensors", "Formats", "Basis",
            ],
            exclude: ["README.md"], swiftSettings: settings),
        .target(name: "CKernelCalls", dependencies: ["CPJRT"], exclude: ["README.md"]),
        .target(
            name: "KernelCalls", dependencies: ["CKernelCalls"], exclude: ["README.md"], swiftSettings: settings),
        .target(
            name: "CCPUKernels", dependencies: ["CKernelCalls", "CPJRT"], exclude: ["README.md"],
            linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
        .target(
            name: "CPUKernels", dependencies: ["CCPUKernels", "CKernelCalls", "KernelCalls", "CPJRT"],
            exclude: ["README.md"], swiftSettings: settings),
        .target(
            name: "CCUDAKernels", dependencies: ["CKernelCalls", "CPJRT"], exclude: ["README.md", "selective_scan.cu"],
            linkerSettings: [.linkedLibrary("dl", .when(platforms: [.linux]))]),
        .target(
            name: "CUDAKernels", dependencies: ["CCUDAKernels", "CKernelCalls", "KernelCalls", "CPJRT"],
            exclude: ["README.md"], swiftSettings: settings),
        .target(name: "Measurements", exclude: ["README.md"], swiftSettings: settings),
        .target(name: "Charts", dependencies: ["Measurements"], exclude: ["README.md"], swiftSettings: settings),
        .target(
            name: "Reports", dependencies: ["Charts", "Measurements", "Formats", "Basis"], exclude: ["README.md"],
            swiftSettings: settings),
        .target(name: "StableHLO", dependencies: ["Basis"], exclude: ["README.md"], swiftSettings: settings),
        .target(
            name: "Tensors", dependencies: ["StableHLO", "Basis"], exclude: ["README.md"], swiftSettings: settings),
        .target(
            name: "NN", dependencies: ["Tensors", "StableHLO", "Basis"],
            exclude: ["README.md", "Composites/README.md"],
            swiftSettings: settings),
        .target(
            name: "Flows", dependencies: ["Settings", "NN", "Tensors", "StableHLO"], exclude: ["README.md"],
            swiftSettings: settings),
        .target(
            name: "Models", dependencies: ["Flows", "Settings", "NN", "Tensors", "StableHLO"],
            exclude: ["README.md"], swiftSettings: settings),
        .target(
            name: "Training",
            dependencies: [
                "Flows", "Settings", "NN", "Tensors", "StableHLO", "Compute", "PJRT", "Datasets", "Formats",
                "Models",
            ], exclude: ["README.md"], swiftSettings: settings),
        .target(
            name: "Sampling", dependencies: ["Flows", "NN", "Tensors", "StableHLO", "Compute"],
            exclude: ["README.md"], swiftSettings: settings),
        .target(
            name: "Quality", dependencies: ["NN", "Tensors", "StableHLO", "Compute"], exclude: ["README.md"],
            swiftSettings: settings),
        .target(
            name: "Verification",
            dependencies: [
                "Training", "Sampling", "Quality", "Flows", "Models", "Settings", "NN", "Tensors", "StableHLO",
                "Compute", "Formats",
            ], exclude: ["README.md"], swiftSettings: settings),
        .target(
            name: "Experiments",
            dependencies: [
                "Basis", "CPUKernels", "Training", "Sampling", "Quality", "Flows", "Models", "Datasets",
                "Settings",
                "Charts", "Measurements",
                "NN",
                "Tensors", "StableHLO", "Compute", "PJRT", "Formats",
            ], exclude: ["README.md", "Evaluation/README.md", "Comparison/README.md", "Queues/README.md"],
            swiftSettings: settings),
        .target(
            name: "FlowMatchingCommands",
            dependencies: [
                "Basis", "Charts", "CProcessMemory", "Experiments", "Verification", "Reports", "Measurements",
                "Quality",
                "Training",
                "Flows",
                "Models",
                "Datasets", "Settings", "NN", "StableHLO", "Compute", "PJRT", "Formats",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], exclude: ["README.md"], swiftSettings: settings),
        .executableTarget(name: "flowmatch", dependencies: ["FlowMatchingCommands"], swiftSettings: settings),
        .target(
            name: "FlowMatching",
            dependencies: [
                "Compute", "Datasets", "Flows", "Quality", "Models", "NN", "Sampling", "Settings", "StableHLO",
                "Tensors",
                "Training",
            ], exclude: ["README.md"], swiftSettings: settings),
        .target(
            name: "XLAEngine", dependencies: ["Compute", "StableHLO", "Tensors"], exclude: ["README.md"],
            swiftSettings: settings),
        .target(
            name: "FlowMatchingLaws", dependencies: ["Compute", "Flows", "StableHLO", "Tensors"],
            exclude: ["README.md"], swiftSettings: settings),
        .target(
            name: "TestSupport", dependencies: ["Compute", "PJRT", "StableHLO", "Tensors"], path: "Tests/TestSupport",
            exclude: ["README.md"], swiftSettings: settings),
        .target(
            name: "Trials", dependencies: ["Formats"], path: "Tests/Trials", exclude: ["README.md"],
            swiftSettings: settings),
        .executableTarget(
            name: "torture",
            dependencies: ["Trials", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            path: "Tests/torture", swiftSettings: settings),
        .executableTarget(
            name: "cuda-programs",
            dependencies: [
                "CCUDAKernels", "CKernelCalls", "CUDAKernels", "Basis", "PJRT", "Compute", "StableHLO", "Tensors", "NN",
                "Flows", "Models", "Settings", "Sampling", "Training", "Verification",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], path: "Tests/cuda-programs", exclude: ["README.md"], swiftSettings: settings),
        .testTarget(
            name: "TrialsTests", dependencies: ["Trials", "TestSupport", "flowmatch"], swiftSettings: settings),
        .testTarget(name: "BasisTests", dependencies: ["Basis"], swiftSettings: settings),
        .testTarget(
            name: "ProcessMemoryTests", dependencies: ["CProcessMemory", "TestSupport"], swiftSettings: settings),
        .testTarget(name: "PJRTTests", dependencies: ["PJRT", "CPJRT", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "FormatsTests", dependencies: ["Formats"], exclude: ["make_pytorch.py"],
            resources: [.copy("Goldens")], swiftSettings: settings),
        .testTarget(
            name: "DatasetsTests", dependencies: ["Datasets", "Settings", "Formats"],
            exclude: ["README.md", "make_npz.py", "make_pictures.py", "colour_folder.py"],
            resources: [.copy("Goldens")],
            swiftSettings: settings),
        .testTarget(
            name: "CPUKernelsTests", dependencies: ["CPUKernels", "CCPUKernels", "CKernelCalls", "KernelCalls"],
            swiftSettings: settings),
        .target(
            name: "CUDAEmulator", dependencies: ["CCUDAKernels", "CKernelCalls", "CPJRT"], path: "Tests/CUDAEmulator",
            exclude: ["README.md"]),
        .testTarget(
            name: "CUDAKernelsTests",
            dependencies: [
                "CUDAKernels", "CCUDAKernels", "CUDAEmulator", "CKernelCalls", "KernelCalls", "CPJRT", "PJRT",
            ],
            swiftSettings: settings),
        .testTarget(
            name: "QualityTests",
            dependencies: ["Quality", "NN", "Tensors", "StableHLO", "Compute", "TestSupport"],
            swiftSettings: settings),
        .testTarget(name: "MeasurementsTests", dependencies: ["Measurements"], swiftSettings: settings),
        .testTarget(name: "ChartsTests", dependencies: ["Charts", "Measurements"], swiftSettings: settings),
        .testTarget(
            name: "ReportsTests", dependencies: ["Reports", "Charts", "Measurements", "Formats", "Basis"],
            swiftSettings: settings),
        .testTarget(name: "StableHLOTests", dependencies: ["StableHLO"], swiftSettings: settings),
        .testTarget(
            name: "TensorsTests", dependencies: ["Tensors", "StableHLO", "Compute", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "NNTests", dependencies: ["NN", "Tensors", "StableHLO", "Compute", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "ComputeTests",
            dependencies: ["Compute", "CPUKernels", "PJRT", "NN", "Tensors", "StableHLO", "TestSupport"],
            swiftSettings: settings),
        .testTarget(name: "SettingsTests", dependencies: ["Settings"], swiftSettings: settings),
        .testTarget(
            name: "FlowsTests",
            dependencies: [
                "FlowMatchingLaws", "Flows", "Settings", "NN", "Tensors", "StableHLO", "Compute", "TestSupport",
            ], swiftSettings: settings),
        .testTarget(
            name: "ModelsTests",
            dependencies: [
                "Models", "Flows", "Settings", "NN", "Tensors", "StableHLO", "Compute", "TestSupport",
            ],
            resources: [.copy("Goldens")], swiftSettings: settings),
        .testTarget(
            name: "VerificationTests",
            dependencies: [
                "Verification", "Training", "Flows", "Models", "Settings", "StableHLO", "Formats", "Compute",
                "TestSupport",
            ],
            resources: [.copy("Goldens")], swiftSettings: settings),
        .testTarget(
            name: "TrainingTests",
            dependencies: [
                "Training", "Flows", "Models", "Settings", "NN", "Tensors", "StableHLO", "Compute", "PJRT",
                "Datasets", "Formats", "TestSupport",
            ], swiftSettings: settings),
        .testTarget(
            name: "SamplingTests",
            dependencies: [
                "Sampling", "Flows", "Models", "Settings", "NN", "Tensors", "StableHLO", "Compute",
                "Formats", "TestSupport",
            ], resources: [.copy("Goldens")], swiftSettings: settings),
        .testTarget(
            name: "ExperimentsTests",
            dependencies: [
                "Experiments", "Training", "Sampling", "Quality", "Flows", "Models", "Datasets", "Settings",
                "Measurements", "Reports",
                "NN", "StableHLO", "Tensors", "Compute", "Formats", "TestSupport",
            ], exclude: ["make_weights.py"], resources: [.copy("Goldens")], swiftSettings: settings),
        .testTarget(
            name: "FlowmatchTests",
            dependencies: [
                "FlowMatchingCommands", "flowmatch", "Training", "Settings", "Datasets", "Formats", "Compute",
                "TestSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .c11
)
