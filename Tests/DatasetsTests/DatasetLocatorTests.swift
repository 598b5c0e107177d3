import Datasets
import Foundation
import Testing

@Suite struct DatasetLocatorTests {
    @Test func theOptionGoesBeforeTheEnvironmentBeforeTheSetUp() throws {
        try withTemporaryFolder { folder in
            let setup = folder.appendingPathComponent("data/mnist")
            let (named, given) = (folder.appendingPathComponent("named"), folder.appendingPathComponent("given"))
            for url in [setup, named, given] {
                try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
            }
            let environment = ["FLOWMATCH_DATA": named.path]
            func path(_ option: String?, _ environment: [String: String]) throws -> String {
                try DatasetLocator.folder(option: option, environment: environment, setUpFolder: folder)
                    .standardizedFileURL.path
            }
            #expect(try path(given.path, environment) == given.path)
            #expect(try path(nil, environment) == named.path)
            #expect(try path(nil, [:]) == setup.path)
            #expect(try path(nil, ["FLOWMATCH_DATA": ""]) == setup.path)
        }
    }

    @Test func aMissingFolderSaysWhoNamedItAndWhatToDo() throws {
        try withTemporaryFolder { folder in
            func text(_ option: String?, _ environment: [String: String]) throws -> String {
                let error = #expect(throws: DatasetError.self) {
                    try DatasetLocator.folder(option: option, environment: environment, setUpFolder: folder)
                }
                return try #require(error?.description)
            }
            let absent = folder.appendingPathComponent("absent").path
            #expect(try text(absent, [:]).contains("--data"))
            #expect(try text(nil, ["FLOWMATCH_DATA": absent]).contains("FLOWMATCH_DATA"))
            #expect(try text(nil, [:]).contains("make setup"))
            let file = folder.appendingPathComponent("file")
            try Data().write(to: file)
            #expect(try text(file.path, [:]).contains(file.path))
        }
    }
}
