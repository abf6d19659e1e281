import Attribution
import LinearAlgebra
import Tensors

/// Stored vectors with their lengths as plain lists of numbers, which bound the rounding of products with them.
struct Rows: Sendable {
  let tensor: Tensor  // [N, C]
  let lengths: [Double]  // [N]

  init(_ tensor: Tensor) {
    self.tensor = tensor
    lengths = (0..<tensor.rows).map { euclideanLength(tensor.row($0).map(Double.init)) }
  }

  /// The product of a row with weights, always summed in the same order.
  func dot(_ row: Int, _ weights: [Double]) -> Double {
    var sum = 0.0
    for (value, weight) in zip(tensor.row(row), weights) { sum += Double(value) * weight }
    return sum
  }
}

/// The inner product of the joint embedding, taken in the coordinates that vectors are stored in.
struct InnerProduct: Sendable {
  /// C
  let width: Int
  /// `[C, E]`; nil where the coordinates are the joint embedding's own.
  private let basis: Tensor?
  /// `[C, C]`
  private let gram: [Double]
  /// The norms of the basis vectors, `[C]`.
  private let basisNorms: [Double]

  init(_ space: HeadSpace) {
    let width = space.width
    self.width = width
    basis = space.basis
    // A float32 product of a matrix with its own transpose need not be symmetric to the last bit.
    gram = (0..<width * width).map { place in
      let (i, j) = (place / width, place % width)
      return (Double(space.gram.values[i * width + j]) + Double(space.gram.values[j * width + i])) / 2
    }
    basisNorms = (0..<width).map { max(Double(space.gram.values[$0 * width + $0]), 0).squareRoot() }
  }

  init(jointWidth: Int) {
    width = jointWidth
    basis = nil
    gram = []
    basisNorms = [Double](repeating: 1, count: jointWidth)
  }

  /// The weights whose product with any x is the inner product of x and `vector`: G·vector.
  func lowered(_ vector: [Double]) -> [Double] {
    guard basis != nil else { return vector }
    var result = [Double](repeating: 0, count: width)
    result.withUnsafeMutableBufferPointer { result in
      gram.withUnsafeBufferPointer { gram in
        for i in 0..<width where vector[i] != 0 {
          let weight = vector[i]
          for j in 0..<width { result[j] += weight * gram[i * width + j] }
        }
      }
    }
    return result
  }

  func norm(_ vector: [Double]) -> Double {
    var square = 0.0
    for (left, right) in zip(vector, lowered(vector)) { square += left * right }
    return max(square, 0).squareRoot()
  }

  /// The weights whose product with any x is the inner product of x and a vector of the joint embedding: basis·vector.
  func projected(_ vector: [Double]) -> [Double] {
    guard let basis else { return vector }
    return (0..<width).map { row in
      var sum = 0.0
      for (left, right) in zip(basis.row(row), vector) { sum += Double(left) * right }
      return sum
    }
  }

  /// F with G = F·Fᵀ, `[C, C]`: rows times F are vectors whose plain lengths are those of the joint embedding.
  func factor() throws -> [Double] {
    guard basis != nil else {
      return (0..<width * width).map { $0 / width == $0 % width ? 1 : 0 }
    }
    let eigen = try SymmetricEigen(gram, count: width)
    return (0..<width * width).map { place in
      // A Gram matrix has no negative eigenvalues but for rounding.
      eigen.vectors[place % width][place / width] * max(eigen.values[place % width], 0).squareRoot()
    }
  }

  /// How long a difference of two stored vectors like this one can be by float32 rounding of the coordinates alone.
  func rounding(of coordinates: some Collection<Float>) -> Double {
    var sum = 0.0
    for (value, norm) in zip(coordinates, basisNorms) { sum += Double(abs(value)) * norm }
    return 2 * Double(Float.ulpOfOne) * sum
  }
}

/// The mean of each column, summed in double, `[C]`.
func columnMeans(_ rows: Tensor) -> [Double] {
  var sum = [Double](repeating: 0, count: rows.rowCount)
  for row in 0..<rows.rows {
    for (column, value) in rows.row(row).enumerated() { sum[column] += Double(value) }
  }
  return sum.map { $0 / Double(max(rows.rows, 1)) }
}

/// Each row less `centre`, `[N, C]`.
func less(_ rows: Tensor, _ centre: [Double]) -> Tensor {
  var result = rows
  let width = centre.count
  result.values.withUnsafeMutableBufferPointer { values in
    for row in 0..<rows.rows {
      for column in 0..<width {
        values[row * width + column] = Float(Double(values[row * width + column]) - centre[column])
      }
    }
  }
  return result
}

func euclideanLength(_ vector: [Double]) -> Double {
  vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
}

/// The smallest of the `count` largest numbers; −∞ where there are fewer.
func smallestOfLargest(_ count: Int, of numbers: some Sequence<Double>) -> Double {
  guard count > 0 else { return .infinity }
  var kept: [Double] = []  // ascending
  for number in numbers {
    if kept.count == count {
      guard number > kept[0] else { continue }
      kept.removeFirst()
    }
    kept.insert(number, at: kept.firstIndex { $0 > number } ?? kept.endIndex)
  }
  return kept.count < count ? -.infinity : kept[0]
}

/// The places of the `count` largest numbers, largest first; ties go to the lower place.
public func indicesOfLargest(_ numbers: [Double], count: Int) -> [Int] {
  let threshold = smallestOfLargest(count, of: numbers)
  let candidates = numbers.indices.filter { numbers[$0] >= threshold }
  return Array(
    candidates.sorted { numbers[$0] > numbers[$1] || (numbers[$0] == numbers[$1] && $0 < $1) }.prefix(max(count, 0)))
}
