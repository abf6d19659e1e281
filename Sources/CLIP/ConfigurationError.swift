import Checkpoints

/// What can be wrong with a model's configuration or the fit of its weights, in facts.
package enum ConfigurationError: Error, Equatable, CustomStringConvertible {
  case unreadable(file: String, reason: String)
  case noConfiguration(folder: String, hint: String)
  case notJSON(file: String)
  case missing(file: String, key: String, expected: String)
  case wrongType(file: String, key: String, found: String, expected: String)
  /// A setting that nothing here knows: it may change what the model computes.
  case unknown(file: String, key: String, nearest: String?)
  /// A setting whose meaning is known and not supported.
  case unsupported(file: String, key: String, found: String, expected: String)
  case noWeights(folder: String)
  case missingTensor(file: String, tensor: String, shape: [Int], nearest: String?)
  case extraTensors(file: String, count: Int, first: String, nearest: String?)
  case wrongShape(file: String, tensor: String, found: [Int], expected: [Int])
  case notFinite(file: String, tensor: String)
  /// An embedding that is no number or has no length.
  case noDirection(folder: String, of: String)

  package var description: String {
    switch self {
    case .unreadable(let file, let reason): "\(file): cannot be read: \(reason)"
    case .noConfiguration(let folder, let hint):
      "\(folder): no open_clip_config.json, expected a model folder in open_clip layout\(hint)"
    case .notJSON(let file): "\(file): not a JSON object, expected open_clip's configuration; fetch the file again"
    case .missing(let file, let key, let expected): "\(file): \(key) is missing, expected \(expected)"
    case .wrongType(let file, let key, let found, let expected):
      "\(file): \(key) is \(found), expected \(expected)"
    case .unknown(let file, let key, let nearest):
      "\(file): unknown setting \(key), which may change what the model computes; "
        + (nearest.map { "did you mean \($0)?" } ?? "remove it if it does not")
    case .unsupported(let file, let key, let found, let expected):
      "\(file): \(key) is \(found), which is not supported, expected \(expected)"
    case .noWeights(let folder):
      "\(folder): no open_clip_model.safetensors, expected the weights in safetensors beside open_clip_config.json"
    case .missingTensor(let file, let tensor, let shape, let nearest):
      "\(file): no tensor \(quoted(tensor)), expected one of shape \(shape)"
        + (nearest.map { "; the nearest name is \(quoted($0))" } ?? "")
        + "; do the weights belong to this open_clip_config.json?"
    case .extraTensors(let file, let count, let first, let nearest):
      "\(file): \(count == 1 ? "a tensor" : "\(count) tensors") that the configuration does not ask for, first "
        + quoted(first) + (nearest.map { " (the nearest expected name is \(quoted($0)))" } ?? "")
        + "; do the weights belong to this open_clip_config.json?"
    case .wrongShape(let file, let tensor, let found, let expected):
      "\(file): tensor \(quoted(tensor)) has shape \(found), expected \(expected) by open_clip_config.json; "
        + "do the weights belong to it?"
    case .notFinite(let file, let tensor):
      "\(file): tensor \(quoted(tensor)) holds a number that is not finite; the file is damaged: fetch it again"
    case .noDirection(let folder, let of):
      "\(folder): the embedding of \(of) has no direction (a length of 0 or not finite); the weights are damaged"
    }
  }
}
