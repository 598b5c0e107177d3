extension Collection<Int> {
    /// The product; nil where it overflows.
    package var checkedProduct: Int? {
        reduce(1 as Int?) { product, factor in
            product.flatMap { value in
                let (result, overflow) = value.multipliedReportingOverflow(by: factor)
                return overflow ? nil : result
            }
        }
    }

    /// The sum; nil where it overflows.
    package var checkedSum: Int? {
        reduce(0 as Int?) { sum, term in
            sum.flatMap { value in
                let (result, overflow) = value.addingReportingOverflow(term)
                return overflow ? nil : result
            }
        }
    }
}
