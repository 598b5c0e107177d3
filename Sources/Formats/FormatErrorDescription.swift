import Basis

extension FormatError: CustomStringConvertible {
    /// One sentence that names what is wrong, where, and what to do where that is known.
    public var description: String {
        switch self {
        case .cannotRead(let path, let reason): "cannot read \(path): \(reason)"
        case .cannotWrite(let path, let reason): "cannot write \(path): \(reason)"
        case .zlibUnavailable(let reason):
            "zlib (libz.so.1) cannot be loaded: install your system's zlib package (Debian and Ubuntu: zlib1g; "
                + "Fedora: zlib-ng-compat; Arch: zlib); the loader says: \(reason)"
        case .libraryUnavailable(let name, let package, let reason):
            "\(name) cannot be loaded: run `make setup`, or install it (Debian: \(package)); the loader says: \(reason)"
        case .compressedStream(let source, let problem): "\(source): \(problem)"
        case .safetensors(let source, let problem): "\(source): \(problem)"
        case .idx(let source, let problem): "\(source): \(problem)"
        case .png(let problem): "PNG: \(problem)"
        case .npy(let source, let problem): "\(source): \(problem)"
        case .zip(let source, let problem): "\(source): \(problem)"
        case .pytorch(let source, let problem): "\(source): \(problem)"
        case .eventFile(let source, let record): "\(source): record \(record) is damaged or cut short"
        case .image(let problem): "image: \(problem)"
        }
    }
}

extension CompressionProblem: CustomStringConvertible {
    public var description: String {
        switch self {
        case .damaged: "the compressed data is damaged; get the file again"
        case .truncated: "the compressed data ends too early; get the file again"
        case .trailingBytes(let count): "\(count) unexpected bytes follow the compressed data"
        case .larger(let limit): "the data would take more than \(limit) bytes when decompressed"
        case .zlibFailed(let code): "zlib failed with code \(code)"
        }
    }
}

extension SafetensorsProblem: CustomStringConvertible {
    public var description: String {
        switch self {
        case .shorterThanLengthField(let count):
            "not a safetensors file: it has \(count) bytes, and the header's length alone takes 8"
        case .headerLength(let length, let fileByteCount):
            "not a safetensors file, or cut short: the header is said to take \(length) bytes, the file has "
                + "\(fileByteCount) and a header at most \(SafetensorsHeader.maximumByteCount)"
        case .headerNotUTF8: "the safetensors header is not UTF-8 text"
        case .headerNotJSON(let offset, let expected):
            "the safetensors header is not valid JSON: at byte \(offset) of it, \(expected) was expected"
        case .duplicateName(let name): "the name '\(name)' occurs twice in the safetensors header"
        case .metadataNotStrings: "the safetensors header's __metadata__ must map names to strings only"
        case .tensorDescription(let tensor, let expected):
            "the description of tensor '\(tensor)' is wrong: \(expected) was expected"
        case .unknownDataType(let tensor, let name): "tensor '\(tensor)' has the unsupported data type '\(name)'"
        case .byteCount(let tensor, let stored, let expected?):
            "tensor '\(tensor)' has \(stored) bytes of data, its shape and data type need \(expected)"
        case .byteCount(let tensor, let stored, nil):
            "tensor '\(tensor)' has \(stored) bytes of data, its shape needs more than can be addressed"
        case .overlap(let tensor, let other): "the data of the tensors '\(other)' and '\(tensor)' overlap"
        case .hole(let offset, let count): "\(count) bytes of the data, from \(offset), belong to no tensor"
        case .outOfRange(let tensor, let end, let dataByteCount):
            "tensor '\(tensor)' ends at byte \(end) of the data, of which there are \(dataByteCount); "
                + "the file may be cut short"
        case .noTensor(let name): "there is no tensor named '\(name)'"
        case .dataTypeMismatch(let tensor, let stored, let requested):
            "tensor '\(tensor)' is stored as \(stored.safetensorsName), not as \(requested)"
        case .notBoolean(let tensor, let value):
            "tensor '\(tensor)' is stored as BOOL but holds the byte \(value), neither 0 nor 1"
        case .beyond(let tensor, let type):
            "tensor '\(tensor)' holds numbers beyond \(type.safetensorsName)'s range; choose a wider type"
        case .headerChecksum:
            "the safetensors header does not match its checksum: the file is damaged, or another program changed it and "
                + "kept the checksum"
        case .tensorChecksum(let tensor):
            "the data of tensor '\(tensor)' do not match their checksum: the file is damaged, or another program changed "
                + "it and kept the checksum"
        }
    }
}

extension IDXProblem: CustomStringConvertible {
    public var description: String {
        switch self {
        case .magic(let bytes): "not an IDX file: it starts with the bytes \(bytes), not with 0, 0, type, rank"
        case .elementType(let code): "the IDX file holds elements of type \(code); only 8 (unsigned bytes) is supported"
        case .rank(let found, let expected):
            "the IDX file has \(found) dimensions where \(expected) were expected (images have 3, labels 1)"
        case .truncated(let found, let expected):
            "the IDX file is cut short: \(found) bytes where its header asks for \(expected); get the file again"
        case .trailingBytes(let count): "\(count) unexpected bytes follow the IDX data"
        case .size(let shape, let count): "an IDX file of shape \(shape) cannot hold \(count) values"
        }
    }
}

extension PNGProblem: CustomStringConvertible {
    public var description: String {
        switch self {
        case .signature: "the data does not start with the PNG signature"
        case .truncated: "the data ends too early"
        case .checksum(let chunk): "the checksum of chunk \(chunk) is wrong"
        case .chunkOrder(let chunk): "chunk \(chunk) is in the wrong place, missing or given twice"
        case .criticalChunk(let chunk): "the critical chunk \(chunk) is not supported"
        case .header: "the header chunk is malformed"
        case .size(let width, let height): "an image of \(width) x \(height) pixels is empty or too large"
        case .unsupported(let depth, let color, let interlace):
            "bit depth \(depth), color type \(color), interlace method \(interlace) is not supported; "
                + "save the image as 8-bit gray, RGB or RGBA without interlacing"
        case .filter(let type): "the row filter \(type) does not exist"
        case .pixelByteCount(let found, let expected):
            "there are \(found) bytes of pixel data where the header asks for \(expected)"
        case .noFrames: "an animation needs at least one frame"
        case .frameSize(let index): "frame \(index) differs from the first in width, height or channels"
        }
    }
}

extension NPYProblem: CustomStringConvertible {
    public var description: String {
        switch self {
        case .magic: "not an NPY file"
        case .version(let major): "NPY version \(major) is not supported (1, 2 and 3 are)"
        case .header: "the NPY header is malformed"
        case .fortranOrder: "the array is stored in Fortran order; save it in C order"
        case .elementType(let stored, let requested): "the array's elements are '\(stored)', not '\(requested)'"
        case .byteCount(let found, let expected?):
            "there are \(found) bytes of elements where the shape needs \(expected)"
        case .byteCount(let found, nil):
            "there are \(found) bytes of elements where the shape needs more than can be addressed"
        case .size(let shape, let count): "an array of shape \(shape) cannot hold \(count) values"
        case .notIntegers: "the array's elements are no integers"
        case .notPixels:
            "the array's elements are neither integers from 0 to 255 nor such divided by 255; save the pixels as uint8"
        }
    }
}

extension ZipProblem: CustomStringConvertible {
    public var description: String {
        switch self {
        case .noArchive: "not a ZIP file (NPZ and .pt files are such), or cut short"
        case .damaged: "the archive is damaged"
        case .noMember(let name): "the archive has no \(name.printable)"
        case .method(let member, let method):
            "\(member.printable) is compressed by method \(method), which is not supported"
        case .encrypted(let member): "\(member.printable) is encrypted"
        case .checksum(let member): "\(member.printable) is damaged: its checksum is wrong"
        }
    }
}

extension PyTorchProblem: CustomStringConvertible {
    private static let saveAnew = "in PyTorch, save tensors alone: torch.save(model.state_dict(), path)"

    public var description: String {
        switch self {
        case .oldForm:
            "torch.save wrote it in the form from before PyTorch 1.6, which is not read here; in PyTorch, save it anew: "
                + "torch.save(torch.load(path, weights_only=True), path)"
        case .barePickle: "a pickle, but not a file of torch.save; \(Self.saveAnew)"
        case .noPickle: "a ZIP file without data.pkl, so not one of torch.save; \(Self.saveAnew)"
        case .program: "a TorchScript program, not tensors; \(Self.saveAnew)"
        case .bigEndian:
            "its numbers are big-endian, which are not read here; save it anew on a little-endian machine"
        case .pickleTooLarge(let count, let most):
            "data.pkl has \(count) bytes, more than the \(most) that are read; \(Self.saveAnew)"
        case .pickleDamaged(let offset):
            "data.pkl is damaged, or no description of tensors, at byte \(offset); get the file again"
        case .pickleInstruction(let code, let offset):
            "data.pkl has the instruction \(code) at byte \(offset), which torch.save does not write for tensors; "
                + Self.saveAnew
        case .pickleNames(let name):
            "it asks Python for \(name.printable), which no tensor needs: nothing was looked up or called; "
                + Self.saveAnew
        case .pickleMakes(let instruction):
            "it makes an object (instruction \(instruction)), which no tensor needs: nothing was made; \(Self.saveAnew)"
        case .noTensors: "no dictionary of tensors by name is in it; \(Self.saveAnew)"
        case .storageSize(let key, let count, let stored):
            "its storage \(key.printable) should have \(count) bytes and has \(stored): the file is damaged"
        case .storageChecksum(let key):
            "its storage \(key.printable) is damaged: its checksum is wrong; get the file again"
        case .outside(let tensor): "tensor '\(tensor.printable)' reaches beyond its storage: the file is damaged"
        case .repeated(let tensor):
            "tensor '\(tensor.printable)' was expanded: it has more elements than the file holds of it; save tensor.clone()"
        case .swollen:
            "its tensors together are many times as large as the file: they share their elements; save clones"
        }
    }
}

extension ImageProblem: CustomStringConvertible {
    public var description: String {
        switch self {
        case .channels(let count): "\(count) channels where 1 (gray), 3 (RGB) or 4 (RGBA) are possible"
        case .size(let width, let height): "\(width) x \(height) pixels is empty or too large"
        case .pixelCount(let found, let expected): "\(found) pixel values where \(expected) were expected"
        }
    }
}
