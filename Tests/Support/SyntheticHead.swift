import Tensors

/// splitmix64, as uniform numbers in [-1, 1); as in `scripts/goldens/textspan.py`.
package struct UniformNumbers {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> Double {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    z ^= z >> 31
    return Double(z >> 40) / Double(1 << 23) - 1
  }

  package mutating func row(_ count: Int) -> [Double] { (0..<count).map { _ in next() } }
}

/// A head of random numbers with planted texts, as `scripts/goldens/textspan.py` makes it.
package struct SyntheticHead: Sendable {
  /// What decides about the numbers.
  package struct Recipe: Decodable, Sendable {
    package let seed: UInt64
    package let images: Int
    package let width: Int
    package let embedding: Int
    package let texts: Int
    package let planted: Int
    package let dependent: Int
  }
  /// `[M, E]`, unit norm.
  package let texts: Tensor
  /// `[C, E]`.
  package let basis: Tensor
  /// `[N, C]`.
  package let coordinates: Tensor

  package init(_ recipe: Recipe) {
    var numbers = UniformNumbers(seed: recipe.seed)
    var texts: [[Double]] = []
    for _ in 0..<recipe.texts {
      let row = numbers.row(recipe.embedding)
      let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      texts.append(row.map { Double(Float($0 / length)) })
    }
    var basis: [[Double]] = []
    for index in 0..<recipe.width {
      var row = numbers.row(recipe.embedding)
      if index < recipe.planted { row = zip(row, texts[3 * index]).map { 0.05 * $0 + $1 } }
      if index >= recipe.width - recipe.dependent { row = zip(basis[0], basis[index - 3]).map { 2 * $0 - $1 } }
      basis.append(row.map { Double(Float($0)) })
    }
    var coordinates: [[Double]] = []
    for _ in 0..<recipe.images {
      coordinates.append(numbers.row(recipe.width).enumerated().map { $1 / (1 + 0.5 * Double($0)) + 0.25 })
    }
    func tensor(_ rows: [[Double]], _ width: Int) -> Tensor {
      Tensor(shape: [rows.count, width], values: rows.joined().map(Float.init))
    }
    self.texts = tensor(texts, recipe.embedding)
    self.basis = tensor(basis, recipe.embedding)
    self.coordinates = tensor(coordinates, recipe.width)
  }

  /// The same head with a copy of one text in the place of another.
  package init(_ head: SyntheticHead, replacing other: Int, with text: Int) {
    (basis, coordinates) = (head.basis, head.coordinates)
    let rows = (0..<head.texts.rows).flatMap { head.texts.row($0 == other ? text : $0) }
    texts = Tensor(shape: head.texts.shape, values: rows)
  }
}
