import Foundation

// Names that Tensors gives to functions of tensors too.
func exponential(_ x: Double) -> Double { Foundation.exp(x) }
func errorFunction(_ x: Double) -> Double { Foundation.erf(x) }
func sigmoid(_ x: Double) -> Double { 1 / (1 + Foundation.exp(-x)) }
