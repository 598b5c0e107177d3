import Experiments

extension CommandLine {
    /// The command as a person would type it again, from anywhere the program is on the path.
    ///
    /// - Parameter options: of one value each, to be left out
    static func reproducible(without options: Set<String>) -> String {
        ShellLine.of(["flowmatch"] + words(without: options))
    }

    /// What the program was called with, without some options and their values.
    static func words(without options: Set<String>) -> [String] {
        var words: [String] = []
        var isValue = false
        for word in arguments.dropFirst() {
            if isValue {
                isValue = false
            } else if options.contains(word) {
                isValue = true
            } else if !options.contains(where: { word.hasPrefix("\($0)=") }) {
                words.append(word)
            }
        }
        return words
    }
}
