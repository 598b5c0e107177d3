public import Datasets
public import Flows
import Models
public import Settings

extension RunConfiguration {
    /// The settings of a network that are the data's where nobody gives them.
    private static let ofData: [(key: String, value: @Sendable (ImageForm) -> Int)] = [
        ("model.image_channels", \.channels), ("model.num_classes", \.classCount),
    ]

    /// These settings with a network made for images of a form: what nobody said of channels and classes is as theirs.
    ///
    /// - Throws: ``SettingsError`` where the network cannot be made for them.
    public func following(_ form: ImageForm) throws(SettingsError) -> RunConfiguration {
        try applying(left.map { Assignment($0.key, .integer($0.value(form)), from: "the data") })
    }

    /// As ``following(_:)`` with the images of these settings, which are read only where that is needed.
    ///
    /// - Throws: ``DatasetError`` for data that is missing or damaged, ``SettingsError``
    public func followingData(from places: DatasetPlaces) throws -> RunConfiguration {
        left.isEmpty ? self : try following(data.form(side: model.makeNetwork().imageShape[1], from: places))
    }

    /// The images that this network was made for.
    ///
    /// - Throws: ``SettingsError`` where no network can be made.
    public func form() throws(SettingsError) -> ImageForm {
        let network = try model.makeNetwork()
        return ImageForm(channels: network.imageShape[0], classCount: network.classCount)
    }

    /// What of ``ofData`` nobody gave.
    private var left: [(key: String, value: @Sendable (ImageForm) -> Int)] {
        let given = givenKeys
        let known = Set(flattened().map(\.key))
        return RunConfiguration.ofData.filter { known.contains($0.key) && !given.contains($0.key) }
    }
}

extension ImageDataset {
    /// The images as a network takes them: without labels where it knows none.
    public func prepared(for network: any ConditionalNetwork) throws(DatasetError) -> ImageDataset {
        network.classCount == 0 && classCount > 0 ? try withoutLabels() : self
    }
}
