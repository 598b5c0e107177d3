/// Makes a group from the values of its properties, by the initialiser that the compiler writes for `Decodable`: the one
/// memberwise initialiser that can be called by name.
struct Rebuilding: Decoder {
    /// By the property's name; each is of the property's stored type.
    let properties: [String: Any]
    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(Properties<Key>(values: properties))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw ReadByItself.error(self) }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { throw ReadByItself.error(self) }

    private struct Properties<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let values: [String: Any]
        let codingPath: [any CodingKey] = []

        var allKeys: [Key] { values.keys.compactMap(Key.init(stringValue:)) }

        func contains(_ key: Key) -> Bool { values[key.stringValue] != nil }

        func decodeNil(forKey key: Key) -> Bool { !contains(key) }

        func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
            guard let value = values[key.stringValue] as? Value else {
                throw DecodingError.keyNotFound(key, .init(codingPath: [key], debugDescription: "no such property"))
            }
            return value
        }

        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type, forKey key: Key
        ) throws -> KeyedDecodingContainer<Nested> { throw ReadByItself.error(superDecoder()) }

        func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
            throw ReadByItself.error(superDecoder())
        }

        func superDecoder() -> any Decoder { Rebuilding(properties: values) }

        func superDecoder(forKey key: Key) -> any Decoder { superDecoder() }
    }
}

/// A part of a group was asked to read itself.
enum ReadByItself {
    static func error(_ decoder: any Decoder) -> DecodingError {
        .dataCorrupted(
            .init(codingPath: decoder.codingPath, debugDescription: "settings are read by SettingGroup.applying"))
    }
}

extension SettingGroup {
    /// The same group with some properties replaced.
    func rebuilt(_ properties: [String: Any]) -> Self {
        do {
            return try Self(from: Rebuilding(properties: properties))
        } catch {
            preconditionFailure("\(Self.self) has a Decodable initialiser of its own: \(error)")
        }
    }
}
