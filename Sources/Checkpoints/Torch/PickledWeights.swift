import Diagnostics

/// Finds the weights in what a pickle holds: a dictionary of tensors, a training checkpoint with one in it, or the
/// tree of modules of TorchScript.
struct PickledWeights {
  private let root: PickleValue
  private let objects: PickleObjects

  /// The limit of tensors, far above the number in any CLIP.
  static let maximumTensorCount = 1 << 14
  /// The limit of attributes that are looked at in a tree of modules; a pickle can make a small tree look endless.
  static let maximumAttributeCount = 1 << 20
  static let maximumModuleDepth = 64

  /// The keys under which training scripts keep the weights.
  private static let wrappers = ["state_dict", "model_state_dict", "model", "module"]
  /// Wrappers within wrappers that are looked into; a pickle can make a dictionary that holds itself.
  private static let maximumWrapperDepth = 4

  init(root: PickleValue, objects: PickleObjects) {
    self.root = root
    self.objects = objects
  }

  /// Every tensor once, by its name.
  func named() throws(CheckpointError) -> [String: PickleTensor] {
    let tensors: [String: PickleTensor]
    switch root {
    case .dictionary(let place): tensors = try stateDictionary(weights(in: place))
    case .module: tensors = try moduleTree()
    default: throw .pickle(path: objects.path, .noWeights(found: root.kind))
    }
    guard !tensors.isEmpty else { throw .pickle(path: objects.path, .noWeights(found: try emptiness())) }
    return tensors
  }

  /// What there is in place of tensors, in words.
  private func emptiness() throws(CheckpointError) -> String {
    guard case .dictionary(let place) = root else { return "\(root.kind) without tensors" }
    var keys: [String] = []
    for (key, _) in pairs(objects.containers[place]) {
      if case .text(let text) = key, keys.count < 5 { keys.append(quoted(try objects.string(text))) }
    }
    return "a dictionary without tensors" + (keys.isEmpty ? "" : " (its keys: \(keys.joined(separator: ", ")))")
  }

  /// The dictionary of weights in a training checkpoint; anything else is its own.
  private func weights(in dictionary: Int) -> Int {
    var place = dictionary
    for _ in 0..<Self.maximumWrapperDepth {
      guard let inner = wrapped(in: place) else { break }
      place = inner
    }
    return place
  }

  private func wrapped(in dictionary: Int) -> Int? {
    for wrapper in Self.wrappers {
      for (key, value) in pairs(objects.containers[dictionary]) where objects.isText(key, wrapper) {
        if case .dictionary(let place) = value { return place }
      }
    }
    return nil
  }

  private func stateDictionary(_ dictionary: Int) throws(CheckpointError) -> [String: PickleTensor] {
    var tensors: [String: PickleTensor] = [:]
    for (key, value) in pairs(objects.containers[dictionary]) {
      if case .tensor(let place) = value { try add(objects.tensors[place], name(key), to: &tensors) }
    }
    return tensors
  }

  /// A module's tensors by the path of attributes that leads to them.
  private func moduleTree() throws(CheckpointError) -> [String: PickleTensor] {
    var tensors: [String: PickleTensor] = [:]
    var seen = 0
    var open = [(module: root, path: "", depth: 0)]
    while let (module, path, depth) = open.popLast() {
      for (key, value) in pairs(attributes(of: module)) {
        seen += 1
        guard seen <= Self.maximumAttributeCount, depth < Self.maximumModuleDepth, open.count <= Self.maximumTensorCount
        else {
          throw .pickle(path: objects.path, .noWeights(found: "a tree of modules too deep or too wide"))
        }
        switch value {
        case .tensor(let place): try add(objects.tensors[place], name(key, in: path), to: &tensors)
        case .module: open.append((value, try name(key, in: path) + ".", depth + 1))
        default: break
        }
      }
    }
    return tensors
  }

  private func attributes(of module: PickleValue) -> [PickleValue] {
    guard case .module(let place) = module, case .dictionary(let state) = objects.containers[place].first else {
      return []
    }
    return objects.containers[state]
  }

  private func pairs(_ items: [PickleValue]) -> some Sequence<(PickleValue, PickleValue)> {
    stride(from: 0, to: items.count, by: 2).lazy.map { (items[$0], items[$0 + 1]) }
  }

  private func name(_ key: PickleValue, in path: String = "") throws(CheckpointError) -> String {
    guard case .text(let text) = key else {
      throw .pickle(path: objects.path, .noWeights(found: "a tensor whose key is \(key.kind)"))
    }
    let name = path + (try objects.string(text))
    guard name.utf8.count <= PickleObjects.maximumNameLength else {
      throw .tooLarge(
        path: objects.path, part: "the bytes of the name \(quoted(name))", found: name.utf8.count,
        limit: PickleObjects.maximumNameLength)
    }
    return name
  }

  private func add(
    _ tensor: PickleTensor, _ name: String, to tensors: inout [String: PickleTensor]
  ) throws(CheckpointError) {
    guard tensors.updateValue(tensor, forKey: name) == nil else {
      throw .duplicateKey(path: objects.path, key: name)
    }
    guard tensors.count <= Self.maximumTensorCount else {
      throw .tooLarge(
        path: objects.path, part: "the number of tensors", found: tensors.count, limit: Self.maximumTensorCount)
    }
  }
}
