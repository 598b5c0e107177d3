import Datasets
import Settings

extension DatasetIdentity {
    /// The object of a run's file that holds it.
    static let headerKey = "trained_on"

    /// The entries of that object.
    var header: [String: SettingValue] {
        let entries: [String: SettingValue] = [
            "name": .text(name), "checksum": .text(checksum), "images": .integer(count),
            "channels": .integer(channels), "side": .integer(side), "resize": .text(resize), "split": .text(split),
            "normalisation": .text(DatasetIdentity.normalisation),
        ]
        return Dictionary(uniqueKeysWithValues: entries.map { ("\(DatasetIdentity.headerKey).\($0)", $1) })
    }

    /// Nil where a file does not hold all of them.
    init?(header: [String: SettingValue]) {
        func text(_ key: String) -> String? { header["\(DatasetIdentity.headerKey).\(key)"].flatMap { String($0) } }
        func number(_ key: String) -> Int? { header["\(DatasetIdentity.headerKey).\(key)"].flatMap { Int($0) } }
        guard let name = text("name"), let checksum = text("checksum"), let count = number("images"),
            let channels = number("channels"), let side = number("side"), let resize = text("resize"),
            let split = text("split")
        else { return nil }
        self.init(
            name: name, checksum: checksum, count: count, channels: channels, side: side, resize: resize, split: split)
    }
}
