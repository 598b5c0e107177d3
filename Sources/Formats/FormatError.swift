/// Everything that can go wrong while reading or writing a file format. The wording is in `FormatErrorDescription.swift`.
///
/// `source` is the path of the file, or `the given bytes` for data that was already in memory.
public enum FormatError: Error, Equatable, Sendable {
    /// The file cannot be opened or read; `reason` is the operating system's.
    case cannotRead(path: String, reason: String)
    /// The file cannot be created, written, flushed or moved into place; `reason` is the operating system's.
    case cannotWrite(path: String, reason: String)
    /// zlib could not be loaded; `reason` is the dynamic loader's.
    case zlibUnavailable(reason: String)
    /// A library that decodes pictures could not be loaded; `package` has it on Debian, `reason` is the dynamic loader's.
    case libraryUnavailable(name: String, package: String, reason: String)
    /// A compressed stream is damaged, cut short, followed by other bytes, or larger than allowed.
    case compressedStream(source: String, CompressionProblem)
    /// A safetensors file breaks the format, or a request does not fit it.
    case safetensors(source: String, SafetensorsProblem)
    /// An IDX file breaks the format or is not of the kind asked for.
    case idx(source: String, IDXProblem)
    /// A PNG stream breaks the format or uses a part of it that is not supported.
    case png(PNGProblem)
    /// An NPY file breaks the format, or is not of the kind asked for.
    case npy(source: String, NPYProblem)
    /// A ZIP file, such as an NPZ file, breaks the format or lacks a member.
    case zip(source: String, ZipProblem)
    /// A file of `torch.save` breaks the format, or holds more than tensors.
    case pytorch(source: String, PyTorchProblem)
    /// A record of an event file, counted from 1, is not what was written.
    case eventFile(source: String, record: Int)
    /// An image's dimensions, channels and pixels do not fit together.
    case image(ImageProblem)
}

/// What is wrong with a compressed stream.
public enum CompressionProblem: Error, Equatable, Sendable {
    case damaged
    case truncated
    case trailingBytes(count: Int)
    case larger(thanBytes: Int)
    case zlibFailed(code: Int)
}

/// What is wrong with a safetensors file, or with a tensor taken from it or put into it.
public enum SafetensorsProblem: Error, Equatable, Sendable {
    case shorterThanLengthField(byteCount: Int)
    case headerLength(UInt64, fileByteCount: Int)
    case headerNotUTF8
    case headerNotJSON(byteOffset: Int, expected: String)
    case duplicateName(String)
    case metadataNotStrings
    case tensorDescription(tensor: String, expected: String)
    case unknownDataType(tensor: String, name: String)
    case byteCount(tensor: String, stored: Int, expected: Int?)
    case overlap(tensor: String, other: String)
    case hole(byteOffset: Int, byteCount: Int)
    case outOfRange(tensor: String, end: Int, dataByteCount: Int)
    case noTensor(String)
    case dataTypeMismatch(tensor: String, stored: ElementType, requested: String)
    case notBoolean(tensor: String, value: UInt8)
    /// Finite numbers are beyond a type that they are converted to.
    case beyond(tensor: String, ElementType)
    /// The header is not what was written.
    case headerChecksum
    /// A tensor's data are not what was written.
    case tensorChecksum(tensor: String)
}

/// What is wrong with an IDX file.
public enum IDXProblem: Error, Equatable, Sendable {
    case magic([UInt8])
    case elementType(UInt8)
    case rank(found: Int, expected: Int)
    case truncated(found: Int, expected: Int)
    case trailingBytes(count: Int)
    case size(shape: [Int], valueCount: Int)
}

/// What is wrong with a PNG stream.
public enum PNGProblem: Error, Equatable, Sendable {
    case signature
    case truncated
    case checksum(chunk: String)
    case chunkOrder(chunk: String)
    case criticalChunk(String)
    case header
    case size(width: Int, height: Int)
    case unsupported(bitDepth: Int, colorType: Int, interlace: Int)
    case filter(Int)
    case pixelByteCount(found: Int, expected: Int)
    case noFrames
    case frameSize(index: Int)
}

/// What is wrong with an NPY file.
public enum NPYProblem: Error, Equatable, Sendable {
    case magic
    case version(Int)
    case header
    case fortranOrder
    case elementType(stored: String, requested: String)
    case byteCount(found: Int, expected: Int?)
    case size(shape: [Int], valueCount: Int)
    /// Integers were asked for.
    case notIntegers
    /// The values are no pixels of 8 bits.
    case notPixels
}

/// What is wrong with a ZIP file.
public enum ZipProblem: Error, Equatable, Sendable {
    case noArchive
    case damaged
    case noMember(String)
    case method(member: String, Int)
    case encrypted(member: String)
    case checksum(member: String)
}

/// What is wrong with a file of `torch.save`, or what it would have had a Python program do.
public enum PyTorchProblem: Error, Equatable, Sendable {
    /// The form that `torch.save` wrote until PyTorch 1.6.
    case oldForm
    /// A pickle without the ZIP file around it, as `pickle.dump` writes it.
    case barePickle
    case noPickle
    case program
    case bigEndian
    case pickleTooLarge(byteCount: Int, most: Int)
    case pickleDamaged(at: Int)
    case pickleInstruction(UInt8, at: Int)
    /// The pickle looks up a name of Python, such as `os.system`.
    case pickleNames(String)
    /// The pickle makes an object by this instruction.
    case pickleMakes(String)
    case noTensors
    case storageSize(key: String, byteCount: Int, stored: Int)
    case storageChecksum(key: String)
    /// A tensor reaches beyond its storage.
    case outside(tensor: String)
    /// A tensor has more elements than its storage, as one that was expanded has.
    case repeated(tensor: String)
    /// All tensors together are many times what the file holds.
    case swollen
}

/// What is wrong with an image's description.
public enum ImageProblem: Error, Equatable, Sendable {
    case channels(Int)
    case size(width: Int, height: Int)
    case pixelCount(found: Int, expected: Int)
}
