internal import CPJRT

/// A value of a client option or a plugin attribute.
package enum NamedValue: Sendable, Hashable {
    case string(String)
    case int64(Int64)
    case int64List([Int64])
    case float(Float)
    case bool(Bool)
}

extension NamedValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .int64(value) }
    package init(floatLiteral value: Float) { self = .float(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension NamedValue {
    /// Reads the plugin's values; those of a kind unknown to this package are left out.
    static func dictionary(_ items: UnsafePointer<PJRTNamedValue>?, count: Int) -> [String: NamedValue] {
        var result: [String: NamedValue] = [:]
        for item in UnsafeBufferPointer(start: items, count: items == nil ? 0 : count) {
            result[String(bytes: item.name, count: item.name_count)] = NamedValue(item)
        }
        return result
    }

    private init?(_ item: PJRTNamedValue) {
        switch Int(item.kind) {
        case PJRT_VALUE_STRING: self = .string(String(bytes: item.value.string, count: item.value_count))
        case PJRT_VALUE_INT64: self = .int64(item.value.integer)
        case PJRT_VALUE_INT64_LIST:
            self = .int64List([Int64](UnsafeBufferPointer(start: item.value.integers, count: item.value_count)))
        case PJRT_VALUE_FLOAT: self = .float(item.value.real)
        case PJRT_VALUE_BOOL: self = .bool(item.value.flag)
        default: return nil
        }
    }
}

/// Client options in the form of the ABI. Owns the memory the native values point into.
final class NativeOptions {
    private(set) var values: [PJRTNamedValue] = []
    private var texts: [UnsafeMutableBufferPointer<CChar>] = []
    private var lists: [UnsafeMutableBufferPointer<Int64>] = []

    init(_ options: [String: NamedValue]) {
        for (name, option) in options.sorted(by: { $0.key < $1.key }) {
            var value = PJRTNamedValue.zeroed
            let nativeName = copy(name)
            value.name = UnsafePointer(nativeName.baseAddress)
            value.name_count = nativeName.count
            value.value_count = 1
            switch option {
            case .string(let text):
                let nativeText = copy(text)
                value.kind = Int32(PJRT_VALUE_STRING)
                value.value.string = UnsafePointer(nativeText.baseAddress)
                value.value_count = nativeText.count
            case .int64(let integer):
                value.kind = Int32(PJRT_VALUE_INT64)
                value.value.integer = integer
            case .int64List(let integers):
                let list = UnsafeMutableBufferPointer<Int64>.allocate(capacity: integers.count)
                _ = list.initialize(from: integers)
                lists.append(list)
                value.kind = Int32(PJRT_VALUE_INT64_LIST)
                value.value.integers = UnsafePointer(list.baseAddress)
                value.value_count = list.count
            case .float(let real):
                value.kind = Int32(PJRT_VALUE_FLOAT)
                value.value.real = real
            case .bool(let flag):
                value.kind = Int32(PJRT_VALUE_BOOL)
                value.value.flag = flag
            }
            values.append(value)
        }
    }

    deinit {
        for text in texts { text.deallocate() }
        for list in lists { list.deallocate() }
    }

    private func copy(_ text: String) -> UnsafeMutableBufferPointer<CChar> {
        let characters = text.utf8.map { CChar(bitPattern: $0) }
        let native = UnsafeMutableBufferPointer<CChar>.allocate(capacity: characters.count)
        _ = native.initialize(from: characters)
        texts.append(native)
        return native
    }
}

extension String {
    /// Text given as bytes and a count, not zero-terminated.
    init(bytes: UnsafePointer<CChar>?, count: Int) {
        self.init(
            decoding: UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : count), as: UTF8.self)
    }
}
