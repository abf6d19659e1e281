import Attribution
import LinearAlgebra
import Tensors

/// Vectors that are read block by block, in order, as often as needed.
struct VectorBlocks: Sendable {
  /// C, the number of coordinates.
  let width: Int
  let blocks: [Range<Int>]
  /// A block, `[n, C]`.
  let read: @Sendable (Int) throws -> Tensor

  /// N, the number of images.
  var count: Int { blocks.last?.upperBound ?? 0 }

  func forEach(_ body: (Range<Int>, Tensor) throws -> Void) throws {
    for (block, rows) in blocks.enumerated() {
      let vectors = try read(block)
      precondition(vectors.shape == [rows.count, width], "rows of shape \(vectors.shape) for \(rows)")
      try body(rows, vectors)
    }
  }
}

/// The inner product of the joint embedding, taken in the coordinates that vectors are stored in.
struct InnerProduct: Sendable {
  /// C, the number of coordinates.
  let width: Int
  /// `[C, E]`; nil where the coordinates are the joint embedding's own.
  private let basis: Tensor?
  /// C rounded up to a multiple of `tile`.
  private let padded: Int
  /// `[padded, padded]`, zeros beyond `[C, C]`; empty without a basis.
  private let gram: [Double]
  /// The norms of the basis vectors, `[C]`.
  private let basisNorms: [Double]

  private static let tile = 4

  init(_ space: HeadSpace) {
    let width = space.width
    let padded = (width + Self.tile - 1) / Self.tile * Self.tile
    // A float32 product of a matrix with its own transpose need not be symmetric to the last bit.
    var gram = [Double](repeating: 0, count: padded * padded)
    for i in 0..<width {
      for j in 0..<width {
        gram[i * padded + j] = (Double(space.gram.values[i * width + j]) + Double(space.gram.values[j * width + i])) / 2
      }
    }
    self.width = width
    self.padded = padded
    self.gram = gram
    basis = space.basis
    basisNorms = (0..<width).map { max(Double(space.gram.values[$0 * width + $0]), 0).squareRoot() }
  }

  init(jointWidth: Int) {
    width = jointWidth
    padded = jointWidth
    basis = nil
    gram = []
    basisNorms = [Double](repeating: 1, count: jointWidth)
  }

  /// The weights whose product with any x is the inner product of x and `vector`: G·vector.
  func lowered(_ vector: [Double]) -> [Double] {
    guard basis != nil else { return vector }
    var result = [Double](repeating: 0, count: width)
    for i in 0..<width {
      for j in 0..<width { result[j] += vector[i] * gram[i * padded + j] }
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
    let plain = (0..<width * width).map { gram[$0 / width * padded + $0 % width] }
    let eigen = try SymmetricEigen(plain, count: width)
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

/// What is computed of stored vectors once, so that queries need not.
struct RowNorms: Sendable {
  /// ‖v−m‖ in the joint embedding; 0 where it is within rounding of the stored coordinates.
  var centred: [Double] = []
  /// Of every `RowNorms.chunk` rows, the largest length as a plain list of numbers, which bounds the rounding of
  /// products with them.
  var longest: [Double] = []

  /// Blocks are taken apart into so many rows, the last few of a block on their own.
  static let chunk = 256
}

extension InnerProduct {
  private typealias Lanes = SIMD4<Double>

  /// Adds what there is to know of the rows of a block, `[n, C]`, to `norms`.
  ///
  /// Four rows go through together, one a lane, each in the order in which `norm` and `rounding` add up: equal rows have
  /// equal norms, wherever they stand, and an image of the database has the norm that it has as a query.
  func measure(_ rows: Tensor, less centre: [Double], into norms: inout RowNorms) {
    rows.values.withUnsafeBufferPointer { values in
      guard let start = values.baseAddress else { return }
      withUnsafeTemporaryAllocation(of: Lanes.self, capacity: padded) { lanes in
        lanes.initialize(repeating: .zero)
        for first in stride(from: 0, to: rows.rows, by: RowNorms.chunk) {
          let end = min(first + RowNorms.chunk, rows.rows)
          var longest = 0.0
          for row in stride(from: first, to: end, by: Lanes.scalarCount) {
            let count = min(Lanes.scalarCount, end - row)
            let (squares, lengths, rounding) = measure(start + row * width, count, centre, lanes)
            for lane in 0..<count {
              let norm = max(squares[lane], 0).squareRoot()
              norms.centred.append(norm > rounding[lane] ? norm : 0)
              longest = max(longest, lengths[lane])
            }
          }
          norms.longest.append(longest.squareRoot())
        }
      }
    }
  }

  /// Squared norms of up to four rows less the centre, their plain squared lengths, and how far rounding reaches.
  private func measure(
    _ rows: UnsafePointer<Float>, _ count: Int, _ centre: [Double], _ lanes: UnsafeMutableBufferPointer<Lanes>
  ) -> (squares: Lanes, lengths: Lanes, rounding: Lanes) {
    var (lengths, rounding, squares) = (Lanes.zero, Lanes.zero, Lanes.zero)
    for column in 0..<width {
      var (stored, difference) = (Lanes.zero, Lanes.zero)
      for lane in 0..<count {
        let value = Double(rows[lane * width + column])
        stored[lane] = value
        difference[lane] = Double(Float(value - centre[column]))
      }
      lanes[column] = difference
      lengths += stored * stored
      rounding += stored.replacing(with: -stored, where: stored .< 0) * basisNorms[column]
    }
    rounding *= 2 * Double(Float.ulpOfOne)
    if basis == nil {
      for column in 0..<width { squares += lanes[column] * lanes[column] }
      return (squares, lengths, rounding)
    }
    gram.withUnsafeBufferPointer { gram in
      for column in stride(from: 0, to: padded, by: Self.tile) {
        var (sum0, sum1, sum2, sum3) = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
        for row in 0..<width {
          let (difference, place) = (lanes[row], row * padded + column)
          sum0 += difference * gram[place]
          sum1 += difference * gram[place + 1]
          sum2 += difference * gram[place + 2]
          sum3 += difference * gram[place + 3]
        }
        squares += lanes[column] * sum0
        squares += lanes[column + 1] * sum1
        squares += lanes[column + 2] * sum2
        squares += lanes[column + 3] * sum3
      }
    }
    return (squares, lengths, rounding)
  }
}

/// Each row less `centre`, rounded to float32, `[n, C]`.
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
