/// A quantity measured of one subject: the value, how sure it is, and what it was made with.
public struct Reading: Codable, Sendable, Equatable {
    /// What was measured.
    public let quantity: Quantity
    /// NaN or infinite where that is what was measured; a quantity that was not measured has no reading.
    @NullIfNotFinite public private(set) var value: Double
    /// Half the width of the interval that holds the value in 95 of 100 cases; absent where it is not known.
    public let uncertainty: Double?
    /// The figure that the study's reference gives for this subject; absent where it gives none.
    public let reference: Double?
    /// What no subject can be expected to be better than, such as the figure of the data themselves; absent where nothing
    /// is known.
    public let floor: Double?
    /// What decides the value beside the subject, for instance `5,000 steps of 250 images`; may be empty.
    ///
    /// Values of different bases are not comparable, and reports say so.
    public let basis: String

    /// A value of a quantity, with what is known of it.
    public init(
        _ quantity: Quantity, _ value: Double, uncertainty: Double? = nil, reference: Double? = nil,
        floor: Double? = nil, basis: String = ""
    ) {
        self.quantity = quantity
        _value = NullIfNotFinite(wrappedValue: value)
        self.uncertainty = uncertainty.flatMap { $0.isFinite ? $0 : nil }
        self.reference = reference.flatMap { $0.isFinite ? $0 : nil }
        self.floor = floor.flatMap { $0.isFinite ? $0 : nil }
        self.basis = basis
    }

    /// The value in its quantity's form, its uncertainty behind it: `124.00 ± 0.52`.
    public var text: String {
        uncertainty.map { quantity.form.text(value, uncertainty: $0) } ?? quantity.form.text(value)
    }
}
