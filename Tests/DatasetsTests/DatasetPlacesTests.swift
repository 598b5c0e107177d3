import Datasets
import Formats
import Foundation
import Settings
import Testing

/// Where a data set is looked for. Each folder here holds another number of images, which tells them apart.
@Suite struct DatasetPlacesTests {
    private static func source(_ kind: String, folder: String) throws -> any DatasetSource {
        func named<Source: DatasetSource>(_ source: Source) throws -> any DatasetSource {
            let key = kind == NPZArrays.name ? "file" : "folder"
            // Left out, the setting has its default: not every kind permits that to be said.
            return folder.isEmpty ? source : try source.applying([Assignment(key, .text(folder), from: "the test")])
        }
        let source = try #require(DatasetSources.registry[kind])
        return try named(source)
    }

    @Test func theSettingGoesBeforeTheEnvironmentBeforeTheSetUp() throws {
        try withTemporaryFolder { folder in
            let (setup, given) = (folder.appendingPathComponent("data/mnist"), folder.appendingPathComponent("given"))
            let named = folder.appendingPathComponent("named")
            for (count, url) in [setup, named, given].enumerated() {
                try IDXFixture.write(to: url, count: count + 1, labels: [UInt8](repeating: 0, count: count + 1))
            }
            func count(_ setting: String, _ environment: [String: String]) throws -> Int {
                try DatasetPlacesTests.source("mnist", folder: setting)
                    .load(.train, side: 28, from: DatasetPlaces(environment: environment, setUpFolder: folder)).images
                    .count
            }
            let environment = ["FLOWMATCH_DATA": named.path]
            #expect(try count(given.path, environment) == 3)
            #expect(try count("", environment) == 2)
            #expect(try count("", [:]) == 1)
            #expect(try count("", ["FLOWMATCH_DATA": ""]) == 1)
        }
    }

    @Test func theEnvironmentMeansMNISTAlone() throws {
        try withTemporaryFolder { folder in
            let (setup, mnist) = (
                folder.appendingPathComponent("data/fashion-mnist"), folder.appendingPathComponent("m")
            )
            try IDXFixture.write(to: setup, count: 1, labels: [4])
            try IDXFixture.write(to: mnist)
            let places = DatasetPlaces(environment: ["FLOWMATCH_DATA": mnist.path], setUpFolder: folder)
            #expect(try FashionMNIST().load(.train, side: 28, from: places).images.labels == [4])
        }
    }

    @Test(arguments: DatasetSources.registry.names)
    func aMissingFolderSaysWhoNamedItAndWhatToDo(kind: String) throws {
        try withTemporaryFolder { folder in
            func error(_ setting: String, _ environment: [String: String]) throws -> String {
                let error = #expect(throws: DatasetError.self) {
                    try DatasetPlacesTests.source(kind, folder: setting)
                        .load(.train, side: 28, from: DatasetPlaces(environment: environment, setUpFolder: folder))
                }
                return try #require(error?.description)
            }
            let absent = folder.appendingPathComponent("absent").path
            let named = try error(absent, [:])
            #expect(named.contains(absent))
            if kind == NPZArrays.name { return }
            #expect(named.contains("--data") && named.contains("data.folder"))
            if kind == MNIST.name {
                let given = try error("", ["FLOWMATCH_DATA": absent])
                #expect(given.contains(absent) && given.contains("FLOWMATCH_DATA"))
            }
            let isFetched = [MNIST.name, FashionMNIST.name].contains(kind)
            #expect(try error("", [:]).contains(isFetched ? "make setup" : "--data with its path"))
            let file = folder.appendingPathComponent("file")
            try Data().write(to: file)
            #expect(try error(file.path, [:]).contains(file.path))
        }
    }

    @Test(arguments: [MNIST.name, FashionMNIST.name, IDXFolder.name])
    func aFolderOfIDXFilesIsLoadedByEveryKindThatTakesOne(kind: String) throws {
        try withTemporaryFolder { folder in
            try IDXFixture.writeBoth(to: folder)
            let dataset = try DatasetPlacesTests.source(kind, folder: folder.path)
                .load(.train, side: 28, from: DatasetPlaces(environment: [:], setUpFolder: folder)).images
            #expect(dataset.labels == [1, 9, 1] && dataset.split == .train)
        }
    }

    @Test func aNameIsADataSetAndAPathWhatLiesThere() throws {
        func named(_ text: String) -> [String] {
            DatasetSources.assignments(naming: text, from: "--data").map { "\($0.key)=\($0.value)" }
        }
        #expect(named("fashion-mnist") == ["data=fashion-mnist"])
        #expect(named("nonsense") == ["data=nonsense"])
        try withTemporaryFolder { folder in
            #expect(named(folder.path) == ["data=folder", "data.folder=\(folder.path)"])
            let absent = folder.appendingPathComponent("absent").path
            #expect(named(absent) == ["data=folder", "data.folder=\(absent)"])
            #expect(named(absent + ".npz") == ["data=npz", "data.file=\(absent).npz"])
            try IDXFixture.write(to: folder)
            #expect(named(folder.path) == ["data=idx", "data.folder=\(folder.path)"])
            let file = folder.appendingPathComponent("train-labels-idx1-ubyte").path
            #expect(named(file) == ["data=idx", "data.folder=\(folder.path)"])
        }
    }

    @Test func filesOfYourOwnNeedAFolder() {
        let error = #expect(throws: SettingsError.self) { try IDXFolder().validate() }
        #expect(error?.description.contains("folder is '', but it must be the path of a folder") == true)
        #expect(throws: SettingsError.self) { try ImageFolder().validate() }
        #expect(throws: SettingsError.self) { try NPZArrays().validate() }
        #expect(throws: Never.self) { try MNIST().validate() }
    }
}
