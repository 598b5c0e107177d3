extension String {
    /// `numBatchesTracked` as `num_batches_tracked`.
    package var snakeCased: String {
        var result = ""
        for character in self {
            if character.isUppercase && !result.isEmpty { result.append("_") }
            result += character.lowercased()
        }
        return result
    }
}
