package import CKernelCalls

extension FlowFailure {
    /// The failure's sentence.
    package var text: String {
        withUnsafeBytes(of: sentence) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
