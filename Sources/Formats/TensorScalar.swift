/// A Swift type whose memory is that of one `ElementType`. Not to be conformed to outside this module.
package protocol TensorScalar: BitwiseCopyable, Sendable {
    static var elementType: ElementType { get }
}

extension Double: TensorScalar { package static var elementType: ElementType { .float64 } }
extension Float: TensorScalar { package static var elementType: ElementType { .float32 } }
extension Float16: TensorScalar { package static var elementType: ElementType { .float16 } }
extension Int64: TensorScalar { package static var elementType: ElementType { .int64 } }
extension Int32: TensorScalar { package static var elementType: ElementType { .int32 } }
extension Int16: TensorScalar { package static var elementType: ElementType { .int16 } }
extension Int8: TensorScalar { package static var elementType: ElementType { .int8 } }
extension UInt64: TensorScalar { package static var elementType: ElementType { .uint64 } }
extension UInt32: TensorScalar { package static var elementType: ElementType { .uint32 } }
extension UInt16: TensorScalar { package static var elementType: ElementType { .uint16 } }
extension UInt8: TensorScalar { package static var elementType: ElementType { .uint8 } }
extension Bool: TensorScalar { package static var elementType: ElementType { .bool } }
