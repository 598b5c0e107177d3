import Testing

/// A convolution with operands of its own, and what it and its gradients are in double.
struct ConvolutionCase: Sendable {
    let (n, h, w, i, o, k, stride, padding): (Int, Int, Int, Int, Int, Int, Int, Int)
    let x, weight, bias, g: Array32
    let y, dx, dw, db: [Double]
    /// Whether products may be of bfloat16.
    var isRounded = false
    var attributes: [(String, Double)] {
        [("stride", Double(stride)), ("padding", Double(padding)), ("bfloat16", isRounded ? 1 : 0)]
    }

    init(n: Int, h: Int, w: Int, i: Int, o: Int, k: Int = 3, stride: Int = 1, padding: Int = 1) {
        (self.n, self.h, self.w, self.i, self.o) = (n, h, w, i, o)
        (self.k, self.stride, self.padding) = (k, stride, padding)
        let (p, q) = ((h + 2 * padding - k) / stride + 1, (w + 2 * padding - k) / stride + 1)
        x = Array32([n, h, w, i], seed: 1)
        weight = Array32([o, i, k, k], seed: 2)
        bias = Array32([o], seed: 3)
        g = Array32([n, p, q, o], seed: 4)
        let (xd, wd, gd) = (x.doubles, weight.doubles, g.doubles)
        var y = gd.indices.map { _ in 0.0 }
        var dx = xd.indices.map { _ in 0.0 }
        var dw = wd.indices.map { _ in 0.0 }
        var db = [Double](repeating: 0, count: o)
        for index in gd.indices {
            let (out, column) = (index % o, index / o % q)
            let (row, image) = (index / (o * q) % p, index / (o * q * p))
            db[out] += gd[index]
            for a in 0..<k {
                for b in 0..<k {
                    let (r, c) = (row * stride + a - padding, column * stride + b - padding)
                    guard r >= 0, r < h, c >= 0, c < w else { continue }
                    let pixel = ((image * h + r) * w + c) * i
                    var tap = (out * i * k + a) * k + b
                    for at in pixel..<pixel + i {
                        y[index] += xd[at] * wd[tap]
                        dx[at] += gd[index] * wd[tap]
                        dw[tap] += gd[index] * xd[at]
                        tap += k * k
                    }
                }
            }
        }
        (self.y, self.dx, self.dw, self.db) = (y, dx, dw, db)
    }

    var biased: [Double] { y.indices.map { y[$0] + Double(bias.values[$0 % o]) } }
    var added: [Double] { zip(biased, g.doubles).map(+) }

    /// Without bias; with it; with a residual as well, which is `g`.
    func forward() throws -> [Array32] {
        try [[x, weight], [x, weight, bias], [x, weight, bias, g]].map {
            try run("flow.convolution", $0, results: [g.shape], attributes: attributes)[0]
        }
    }

    func forwardInPlace() throws -> Array32 {
        try run(
            "flow.convolution", [x, weight, bias, g], results: [g.shape], attributes: attributes, inPlaceOf: 3)[0]
    }

    func inputGradient() throws -> Array32 {
        try run("flow.convolution_input_gradient", [g, weight], results: [x.shape], attributes: attributes)[0]
    }

    /// Of the weight, then of the bias.
    func weightGradients() throws -> [Array32] {
        try run(
            "flow.convolution_weight_gradient", [x, g], results: [weight.shape, bias.shape], attributes: attributes)
    }

    /// Expects every direction within `tolerance` of double.
    func check(tolerance: Double) throws {
        let results = try forward()
        #expect(difference(results[0], y) < tolerance)
        #expect(difference(results[1], biased) < tolerance)
        #expect(difference(results[2], added) < tolerance)
        #expect(difference(try forwardInPlace(), added) < tolerance)
        #expect(difference(try inputGradient(), dx) < tolerance)
        let gradients = try weightGradients()
        #expect(difference(gradients[0], dw) < tolerance)
        #expect(difference(gradients[1], db) < tolerance)
    }
}
