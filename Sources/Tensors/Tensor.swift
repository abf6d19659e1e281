/// A dense float32 array in row-major order.
///
/// `values.count` always equals the product of `shape`. A tensor is a value: copies share storage until written.
public struct Tensor: Sendable, Equatable {
  /// The size of each dimension, outermost first.
  public let shape: [Int]
  /// The numbers, row by row.
  public var values: [Float]

  /// Wraps `values`, whose count must be the product of `shape`; anything else is a programming error.
  public init(shape: [Int], values: [Float]) {
    precondition(values.count == shape.reduce(1, *), "\(values.count) values for shape \(shape)")
    self.shape = shape
    self.values = values
  }

  /// A tensor of zeros.
  public init(zeros shape: [Int]) {
    self.init(shape: shape, values: [Float](repeating: 0, count: shape.reduce(1, *)))
  }

  /// The number of values.
  public var count: Int { values.count }

  /// The number of rows: the first dimension.
  public var rows: Int { shape[0] }

  /// The number of values in a row: the product of all dimensions but the first.
  public var rowCount: Int { shape.dropFirst().reduce(1, *) }

  /// Row `index` of the first dimension, as a slice of `values`.
  public func row(_ index: Int) -> ArraySlice<Float> {
    values[index * rowCount..<(index + 1) * rowCount]
  }
}
