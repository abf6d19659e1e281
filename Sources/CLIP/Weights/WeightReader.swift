import Checkpoints
import Diagnostics
import LinearAlgebra
import Tensors

/// Reads weights from a checkpoint by open_clip's name and exact shape, and knows which tensors were not read.
struct WeightReader {
  let file: Checkpoint
  private let names: WeightNames
  /// Whether positional embeddings may be interpolated for another size.
  let resizesPositions: Bool
  private var taken: Set<String> = []

  /// - Throws: `ConfigurationError.noModel`.
  init(_ file: Checkpoint, resizesPositions: Bool = false) throws {
    let all = file.names
    // One lost tensor is named when it is asked for.
    if !all.contains(where: { $0.hasPrefix("visual.") || $0.hasPrefix("vision_model.") }) {
      throw ConfigurationError.noModel(file: file.path, names: all, prefixes: WeightNames.prefixes(in: all))
    }
    self.file = file
    self.resizesPositions = resizesPositions
    names = WeightNames(all)
  }

  /// The values of the weight that open_clip calls `name`, row by row.
  ///
  /// - Throws: `ConfigurationError` where it is missing, has another shape or holds a number that is not finite.
  mutating func take(_ name: String, _ shape: [Int]) throws -> [Float] {
    let parts = names.parts(of: name)
    var shape = shape
    if parts.count > 1 { shape[0] /= parts.count }
    if parts.count == 1 { return try take(parts[0], shape) }
    return try parts.flatMap { try take($0, shape) }
  }

  private mutating func take(_ part: WeightNames.Part, _ shape: [Int]) throws -> [Float] {
    let stored = part.isTransposed ? shape.reversed() : shape
    guard let found = file.shape(of: part.name) else {
      throw ConfigurationError.missingTensor(
        file: file.path, tensor: part.name, shape: stored, nearest: nearestName(to: part.name, in: file.names))
    }
    guard found == stored else {
      throw ConfigurationError.wrongShape(file: file.path, tensor: part.name, found: found, expected: stored)
    }
    let values = try file.tensor(part.name).values
    // As integers, so that the loop becomes vector code: infinities and NaNs are the largest magnitudes.
    guard values.reduce(0, { max($0, $1.bitPattern & 0x7FFF_FFFF) }) < Float.infinity.bitPattern else {
      throw ConfigurationError.notFinite(file: file.path, tensor: part.name)
    }
    taken.insert(part.name)
    return part.isTransposed ? transposed(values, rows: stored[0], columns: stored[1]) : values
  }

  /// The rows of a weight of two dimensions that is stored whole and is `width` wide; nil for any other.
  func rows(of name: String, width: Int) -> Int? {
    guard let shape = file.shape(of: names.parts(of: name)[0].name), shape.count == 2, shape[1] == width else {
      return nil
    }
    return shape[0]
  }

  mutating func layerNorm(_ name: String, width: Int, epsilon: Float) throws -> LayerNorm {
    LayerNorm(
      weight: try take(name + ".weight", [width]), bias: try take(name + ".bias", [width]), epsilon: epsilon)
  }

  /// Checks that every tensor of the file was read.
  ///
  /// - Throws: `ConfigurationError.extraTensors`.
  func finish() throws {
    let left = file.names.filter { !taken.contains($0) && !names.changesNothing($0) }
    guard let first = left.first else { return }
    throw ConfigurationError.extraTensors(
      file: file.path, count: left.count, first: first, nearest: nearestName(to: first, in: taken))
  }
}

/// The transpose, `[columns, rows]`, of a matrix `[rows, columns]`.
private func transposed(_ values: [Float], rows: Int, columns: Int) -> [Float] {
  var result = [Float](repeating: 0, count: values.count)
  for row in 0..<rows {
    for column in 0..<columns { result[column * rows + row] = values[row * columns + column] }
  }
  return result
}
