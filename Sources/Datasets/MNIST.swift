public import Foundation

/// The handwritten digits of LeCun, Cortes and Burges: 60,000 training and 10,000 test images of 28 x 28 pixels.
public enum MNIST {
    /// Reads one split from its two IDX files in `folder`, plain or gzip, named with a dash (`-idx3-ubyte`) or a dot
    /// (`.idx3-ubyte`); torchvision's layout (`MNIST/raw` below `folder`) is found too.
    ///
    /// - Throws: `DatasetError` for a missing or damaged file, or files that do not belong together.
    public static func load(_ split: DatasetSplit, from folder: URL) throws(DatasetError) -> ImageDataset {
        try IDXDataset(name: "MNIST", folderName: "MNIST").load(split, from: folder)
    }
}

/// Zalando's articles of clothing, in ten classes: as many images as MNIST, of the same size and in the same files.
public enum FashionMNIST {
    /// Reads one split as `MNIST.load` does; torchvision's layout is `FashionMNIST/raw`.
    ///
    /// - Throws: `DatasetError` for a missing or damaged file, or files that do not belong together.
    public static func load(_ split: DatasetSplit, from folder: URL) throws(DatasetError) -> ImageDataset {
        try IDXDataset(name: "Fashion-MNIST", folderName: "FashionMNIST").load(split, from: folder)
    }
}
