/// What a pickle of `torch.save` holds, without anything of it having been called.
///
/// Lists, dictionaries and tensors are named by their number, so that what is shared is there once, what holds itself does
/// no harm, and nothing is nested however deep the pickle is.
struct Pickle {
    enum Value {
        case none
        case boolean(Bool)
        case integer(Int)
        case number(Double)
        case text(String)
        case name(PickledName)
        /// A tuple, list or set, by its number in ``sequences``.
        case sequence(Int)
        /// By its number in ``dictionaries``.
        case dictionary(Int)
        /// By its number in ``storages``.
        case storage(Int)
        /// By its number in ``tensors``.
        case tensor(Int)
        /// Something that no tensor needs.
        case other
    }

    /// The elements of a tensor, and perhaps of others: a member of the file.
    struct Storage {
        /// Nil where it is mere bytes.
        let elementType: ElementType?
        let key: String
        /// Elements, or bytes where it is mere bytes.
        let count: Int
    }

    /// A view of a storage.
    struct Tensor {
        let storage: Storage
        let elementType: ElementType
        /// The first element's place in the storage, in elements.
        let offset: Int
        let shape: [Int]
        /// How many elements of the storage lie between neighbours, for each extent.
        let strides: [Int]
    }

    var root = Value.none
    var sequences: [[Value]] = []
    var dictionaries: [[(key: Value, value: Value)]] = []
    var storages: [Storage] = []
    var tensors: [Tensor] = []
}
