import Datasets

/// What a person sees while images are loaded: a bar where pictures are decoded, and each note once.
struct LoadingProgress {
    private var bar: ProgressBar?
    private var notes: Set<String> = []

    mutating func report(_ event: DatasetEvent) {
        switch event {
        case .decoded(let done, let total):
            var bar = self.bar ?? ProgressBar(total: total)
            bar.update(done, "pictures decoded")
            self.bar = done < total ? bar : nil
        case .note(let text): if notes.insert(text).inserted { Terminal.note(text) }
        }
    }
}
