import Datasets
import Flows
import Models
import Settings
import TestSupport
import Testing
import Training

@Suite("A network made for its data")
struct FollowingDataTests {
    private let colour = ImageForm(channels: 3, classCount: 4)

    private func configuration(_ settings: String...) throws -> RunConfiguration {
        try RunConfiguration().applying(settings.map { try Assignment(text: $0, from: "the test") })
    }

    @Test("What nobody gave is the data's, and is fixed then", arguments: Networks.registry.names)
    func followed(model: String) throws {
        let configuration = try configuration("model=\(model)").following(colour)
        let network = try configuration.model.makeNetwork()
        #expect(network.imageShape == [3, 32, 32] && network.classCount == 4)
        #expect(try configuration.form() == colour)
        #expect(try configuration.following(ImageForm(channels: 1, classCount: 0)) == configuration)
        #expect(
            try self.configuration("model=\(model)").following(ImageForm(channels: 1, classCount: 10)).form().channels
                == 1)
    }

    @Test("What somebody gave stays, were it the default")
    func given() throws {
        let classes = try configuration("model.num_classes=10").following(colour)
        #expect(try classes.form() == ImageForm(channels: 3, classCount: 10))
        var unet = UNet.Configuration()
        unet.imageChannels = 1
        var inSwift = RunConfiguration()
        inSwift.model = unet
        #expect(try inSwift.following(colour).form() == ImageForm(channels: 1, classCount: 4))
        let read = try RunConfiguration().applying(SettingsFile(RunConfiguration().json(), path: "a file").assignments)
        #expect(try read.following(colour) == RunConfiguration())
    }

    @Test("Data that is known need not be there, other data is read")
    func places() throws {
        let nowhere = DatasetPlaces(environment: [:], setUpFolder: TinyRun.folder().url)
        #expect(try RunConfiguration().followingData(from: nowhere).form() == ImageForm(channels: 1, classCount: 10))
        let unknown = try configuration("data=idx", "data.folder=/nowhere")
        #expect(throws: DatasetError.self) { try unknown.followingData(from: nowhere) }
        let given = try configuration(
            "data=idx", "data.folder=/nowhere", "model.num_classes=2", "model.image_channels=1")
        #expect(try given.followingData(from: nowhere) == given)
    }

    @Test("A network that does not fit names both and what to set")
    func unfit() throws {
        let data = try TinyRun.dataset()
        func message(_ settings: String...) throws -> String {
            let network = try TinyRun.configuration(steps: 1, settings).model.makeNetwork()
            let error = #expect(throws: TrainingError.self) {
                try Trainer.check(network, batchSize: 4, against: data)
            }
            return error?.description ?? ""
        }
        let classes = try message("model.num_classes=4")
        #expect(classes.contains("4 classes") && classes.contains("10 classes") && classes.contains("num_classes=10"))
        let channels = try message("model.image_channels=3")
        #expect(channels.contains("3 channels") && channels.contains("1 channel;"))
        #expect(channels.contains("image_channels=1"))
        #expect(try message("model.image_size=16").contains("[1, 16, 16]"))
    }

    @Test("A network without labels takes labelled images without their labels")
    func unlabelled() throws {
        let network = try TinyRun.configuration(steps: 1, ["model.num_classes=0"]).model.makeNetwork()
        let prepared = try TinyRun.dataset().prepared(for: network)
        #expect(prepared.classCount == 0 && prepared.labels.allSatisfy { $0 == 0 })
        try Trainer.check(network, batchSize: 4, against: prepared)
        let labelled = try TinyRun.configuration(steps: 1).model.makeNetwork()
        #expect(try TinyRun.dataset().prepared(for: labelled) == TinyRun.dataset())
    }
}
