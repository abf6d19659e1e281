import Checkpoints
import Tensors

/// Takes tensors out of a checkpoint by name and exact shape, and knows which were left.
struct WeightReader {
  let file: SafetensorsFile
  private var taken: Set<String> = []

  init(_ file: SafetensorsFile) {
    self.file = file
  }

  var path: String { file.path }

  /// The values of tensor `name`.
  ///
  /// - Throws: `ConfigurationError` where it is missing, has another shape or holds a number that is not finite.
  mutating func take(_ name: String, _ shape: [Int]) throws -> [Float] {
    guard let found = file.shape(of: name) else {
      throw ConfigurationError.missingTensor(
        file: path, tensor: name, shape: shape, nearest: nearestName(to: name, in: file.names))
    }
    guard found == shape else {
      throw ConfigurationError.wrongShape(file: path, tensor: name, found: found, expected: shape)
    }
    let values = try file.tensor(name).values
    // x − x is 0 for every finite x and NaN for the others.
    guard values.reduce(0, { $0 + ($1 - $1) }) == 0 else {
      throw ConfigurationError.notFinite(file: path, tensor: name)
    }
    taken.insert(name)
    return values
  }

  mutating func layerNorm(_ name: String, width: Int, epsilon: Float) throws -> LayerNorm {
    LayerNorm(
      weight: try take(name + ".weight", [width]), bias: try take(name + ".bias", [width]), epsilon: epsilon)
  }

  /// A tensor that changes no embedding.
  mutating func ignore(_ name: String) {
    taken.insert(name)
  }

  /// - Throws: `ConfigurationError.extraTensors` where the file has tensors that nobody took.
  func finish() throws {
    let left = file.names.filter { !taken.contains($0) }
    guard let first = left.first else { return }
    throw ConfigurationError.extraTensors(
      file: path, count: left.count, first: first, nearest: nearestName(to: first, in: taken))
  }
}
