/// Names of classes that have none.
enum ClassNames {
    /// More classes than this are a mistake: the labels are something else.
    static let most = 65_536

    /// `0`, `1`, ... up to the largest label; none where it is beyond ``most``.
    static func numbers(for labels: [Int32]) -> [String] {
        guard let largest = labels.max(), (0..<Int32(most)).contains(largest) else { return [] }
        return (0...largest).map { "\($0)" }
    }
}
