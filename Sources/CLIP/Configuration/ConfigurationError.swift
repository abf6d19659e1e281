import Checkpoints
import Diagnostics
import Files
import LinearAlgebra

/// A fault of a model's configuration, or of the fit of its weights to it, as facts; `description` words it on one line.
package enum ConfigurationError: Error, Equatable, CustomStringConvertible {
  case file(FileError)
  /// `fitting`: names of architectures that the weights' shapes fit.
  case noConfiguration(path: String, fitting: [String])
  case notJSON(file: String, found: String)
  case missing(file: String, key: String, expected: String)
  case wrongType(file: String, key: String, found: String, expected: String)
  /// An unknown setting, which may change what the model computes.
  case unknown(file: String, key: String, nearest: String?)
  /// A setting whose meaning is known and not supported.
  case unsupported(file: String, key: String, found: String, expected: String)
  case noWeights(folder: String, expected: [String])
  /// Two sources of information that contradict each other.
  case contradiction(
    model: String, fact: String, first: String, firstPlace: String, other: String, otherPlace: String)
  case notPublishedSize(model: String, published: String, what: String, found: Int, expected: Int)
  case wrongEndToken(folder: String, found: Int, expected: Int)
  /// Weights among whose names there are none of a CLIP model's; `prefixes` are those under which there would be.
  case noModel(file: String, names: [String], prefixes: [String])
  case missingTensor(file: String, tensor: String, shape: [Int], nearest: String?)
  case extraTensors(file: String, count: Int, first: String, nearest: String?)
  case wrongShape(file: String, tensor: String, found: [Int], expected: [Int])
  /// Positional embeddings for another size than the configuration's; `setting` is its key.
  case otherPositions(file: String, setting: String, found: Int, expected: Int)
  case notFinite(file: String, tensor: String)
  /// `needed` says in words what is missing.
  case noPrecision(Precision, engine: String, needed: String)
  /// An embedding of length 0 or with a number that is not finite.
  case noDirection(model: String, of: String)

  package var description: String {
    switch self {
    case .file(let error): "\(error)"
    case .noConfiguration(let path, let fitting):
      "\(path): no open_clip_config.json or config.json beside the weights; put the model's own there, or name the "
        + "architecture, as in "
        + (fitting.isEmpty ? ["ViT-B-32"] : fitting).flatMap { ["\($0)=\(path)", "\($0)-quickgelu=\(path)"] }
        .joined(separator: " or ")
    case .notJSON(let file, let found):
      "\(file): \(found), expected a model's configuration as a JSON object; fetch the file again"
    case .missing(let file, let key, let expected): "\(file): \(key) is missing, expected \(expected)"
    case .wrongType(let file, let key, let found, let expected):
      "\(file): \(key) is \(found), expected \(expected)"
    case .unknown(let file, let key, let nearest):
      "\(file): unknown setting \(key), which may change what the model computes; "
        + (nearest.map { "did you mean \($0)?" } ?? "remove it if it does not")
    case .unsupported(let file, let key, let found, let expected):
      "\(file): \(key) is \(found), which is not supported, expected \(expected)"
    case .noWeights(let folder, let expected):
      "\(folder): no weights, expected one of \(expected.joined(separator: ", ")), or the index of one in shards "
        + "(NAME.index.json); name the file itself where it has another name"
    case .contradiction(let model, let fact, let first, let firstPlace, let other, let otherPlace):
      "\(model): \(fact) is \(first) by \(firstPlace), but \(other) by \(otherPlace); the former takes precedence: write "
        + "\(model),\(fact)=\(first) to confirm it, or \(model),\(fact)=\(other) for the latter"
    case .notPublishedSize(let model, let published, let what, let found, let expected):
      "\(model): \(what) is \(found), expected \(expected) of \(published); the files are of another model"
    case .wrongEndToken(let folder, let found, let expected):
      "\(folder): texts are read at token \(expected) by config.json's eos_token_id, but the tokenizer ends them with "
        + "\(found); use the tokenizer that came with the model"
    case .noModel(let file, let names, let prefixes): noModel(file, names, prefixes)
    case .missingTensor(let file, let tensor, let shape, let nearest):
      "\(file): no tensor \(quoted(tensor)), expected one of shape \(shape)"
        + (nearest.map { "; the nearest name is \(quoted($0))" } ?? "")
        + "; do the weights belong to this configuration?"
    case .extraTensors(let file, let count, let first, let nearest):
      "\(file): \(count == 1 ? "a tensor" : "\(count) tensors") that the configuration does not ask for, first "
        + quoted(first) + (nearest.map { " (the nearest expected name is \(quoted($0)))" } ?? "")
        + "; do the weights belong to this configuration?"
    case .wrongShape(let file, let tensor, let found, let expected):
      "\(file): tensor \(quoted(tensor)) has shape \(found), expected \(expected) by the configuration; "
        + "do the weights belong to it?"
    case .otherPositions(let file, let setting, let found, let expected):
      "\(file): the weights are for \(setting) \(found), expected \(expected) by the configuration; set it to \(found), or "
        + "write ,positions=resized after the model's name to interpolate the positional embeddings as open_clip does"
    case .notFinite(let file, let tensor):
      "\(file): tensor \(quoted(tensor)) holds a number that is not finite; the file is damaged: fetch it again"
    case .noPrecision(let precision, let engine, let needed):
      "no products of precision \(precision.rawValue) by \(engine) here, expected fp32; \(precision.rawValue) needs \(needed)"
    case .noDirection(let model, let of):
      "\(model): the embedding of \(of) has no direction (a length of 0 or not finite); the weights are damaged"
    }
  }
  private func noModel(_ file: String, _ names: [String], _ prefixes: [String]) -> String {
    let expected = WeightNames.anchors.map(quoted).joined(separator: " or ")
    let first = names.prefix(3).map(quoted).joined(separator: ", ") + (names.count > 3 ? " …" : "")
    let found = "\(file): \(names.count == 1 ? "one tensor" : "\(names.count) tensors"), \(first)"
    guard let prefix = prefixes.first else {
      return "\(found), expected \(expected) among them; do the weights belong to a CLIP model?"
    }
    guard prefixes.count == 1 else {
      return "\(found): models under \(prefixes.map(quoted).joined(separator: " and ")), expected one; "
        + "save one of them alone"
    }
    let other = names.first { !$0.utf8.starts(with: prefix.utf8) } ?? ""
    return "\(found): the model's names begin with \(quoted(prefix)), expected so of all names, but there is "
      + "\(quoted(other)); save the model alone"
  }
}
