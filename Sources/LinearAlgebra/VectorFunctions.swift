import CVectors

/// Replaces values by softmax(scale·values) row by row; `stride` is a multiple of 16, and the numbers between rows become 0.
package func softmax(_ values: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int, scale: Float) {
  vectors_softmax(values, rows, columns, stride, scale, 0, values)
}

/// Adds `bias`, `[width]`, to rows of its width.
package func addBias(_ bias: ArraySlice<Float>, to values: UnsafeMutablePointer<Float>, rows: Int) {
  bias.withUnsafeBufferPointer { vectors_add_bias(values, rows, $0.count, $0.count, $0.baseAddress) }
}
