import CLIP
import Checkpoints
import Diagnostics
import Files
import Foundation
import Hub
import Images
import LinearAlgebra

/// A model as people name it, wherever one is named: in `atlas.yml`, after `--model`, after `models verify`.
///
/// | form | means |
/// |---|---|
/// | `path/to/folder`, `local-dir:path` | a folder with configuration, weights and tokenizer |
/// | `path/to/file.pt` | a file of weights, its configuration beside it or, for OpenAI's archives, in it |
/// | `ViT-B-32=file.pt`, `ViT-B-32-quickgelu=file.pt` | a file of weights of that architecture |
/// | `ViT-B-32/openai` | published weights of the registry, from the hub's cache |
/// | `hf-hub:org/name`, `hf-hub:org/name@revision` | a repository of the hub, from its cache |
///
/// Choices follow after commas: `activation=gelu`, `statistics=openai`, `resize=squash`, `tokenizer=folder`,
/// `positions=resized`.
package struct ModelReference: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    case local(ModelSource.Place)
    case weights(architecture: String, path: String)
    case published(RegisteredModel)
    case hub(HubLocation)
  }

  /// As written.
  package let text: String
  package let kind: Kind
  package let choices: ModelChoices

  /// - Parameter base: the folder that relative paths start from; the working folder where nil.
  /// - Throws: `BuildError.model`.
  package init(_ text: String, base: String? = nil) throws {
    self.text = text
    func located(_ path: String) -> String {
      let path = expandingHome(path)
      return base.map { resolve(path, in: $0) } ?? path
    }
    let parts = Self.parts(text)
    choices = try Self.choices(parts.choices, of: text, located)
    kind = try Self.kind(parts.name, of: text, located)
  }

  /// The same for a file that lies elsewhere: paths are whole.
  package var atlasPath: String {
    let (name, chosen) = Self.parts(text)
    let place =
      switch kind {
      case .local(let place): realPath(place.path) ?? place.path
      case .weights(let architecture, let path): "\(architecture)=\(realPath(path) ?? path)"
      case .published, .hub: name
      }
    let rest = chosen.map { key, value in
      "\(key)=\(key == "tokenizer" ? realPath(expandingHome(value)) ?? value : value)"
    }
    return ([place] + rest).joined(separator: ",")
  }

  /// Commas belong to a path unless the name of a choice follows.
  private static func parts(_ text: String) -> (name: String, choices: [(String, String)]) {
    let parts = text.split(
      separator: /,(?=(?:activation|statistics|resize|tokenizer|positions)=)/, omittingEmptySubsequences: false
    ).map(String.init)
    return (parts[0], parts.dropFirst().compactMap(pair))
  }

  private static func pair(_ text: String) -> (String, String)? {
    guard let equals = text.firstIndex(of: "=") else { return nil }
    return (String(text[..<equals]), String(text[text.index(after: equals)...]))
  }

  private static func choices(
    _ pairs: [(String, String)], of text: String, _ located: (String) -> String
  ) throws -> ModelChoices {
    var choices = ModelChoices()
    for (key, value) in pairs {
      func wrong(_ expected: String) -> BuildError { .model(text, "\(key)=\(value), expected \(expected)") }
      switch key {
      case "activation":
        guard let found = [Activation.gelu, .quickGELU].first(where: { $0.choiceName == value }) else {
          throw wrong("gelu or quick_gelu")
        }
        choices.activation = found
      case "statistics":
        guard let found = Statistics(choice: value) else {
          throw wrong("\(Statistics.named.map(\.name).joined(separator: ", ")) or numbers as 0.5/0.5/0.5:0.2/0.2/0.2")
        }
        choices.statistics = found
      case "resize":
        guard let found = Preprocessing.Resize(rawValue: value) else {
          throw wrong(Preprocessing.Resize.allCases.map(\.rawValue).joined(separator: " or "))
        }
        choices.resize = found
      case "positions":
        guard value == "resized" else { throw wrong("resized") }
        choices.resizesPositions = true
      default: choices.tokenizer = located(value)
      }
    }
    return choices
  }

  private static func kind(_ name: String, of text: String, _ located: (String) -> String) throws -> Kind {
    if let path = name.after("local-dir:") {
      guard let place = place(located(path)) else {
        throw BuildError.model(
          text, "\(located(path)) is not there" + (nearest(path, located).map { ", did you mean \($0)?" } ?? ""))
      }
      return .local(place)
    }
    if let repository = name.after("hf-hub:") { return .hub(try HubLocation(repository)) }
    let published = RegisteredModel.named(name)
    if let place = place(located(name)) {
      guard published == nil else {
        throw BuildError.model(
          text, "both a published model and a path here, expected one of them; write local-dir:\(name) for the path")
      }
      return .local(place)
    }
    if let published { return .published(published) }
    if let (architecture, path) = pair(name) {
      guard Architecture.withActivation(architecture) != nil else {
        throw BuildError.model(
          text, "unknown architecture \(quoted(architecture))" + nearest(architecture, Architecture.all.map(\.name)))
      }
      guard case .file = place(located(path)) else {
        throw BuildError.model(
          text,
          "no file \(located(path)), expected weights of a \(architecture)"
            + (nearest(path, located).map { ", did you mean \($0)?" } ?? ""))
      }
      return .weights(architecture: architecture, path: located(path))
    }
    let suggestion =
      (RegisteredModel.respelled(name) ?? Self.nearest(name, located)).map { ", did you mean \($0)?" }
      ?? RegisteredModel.unsupportedKind(of: name).map { "; \($0) is not supported" }
      ?? RegisteredModel.nearest(to: name).map { ", did you mean \($0)?" }
    throw BuildError.model(
      text,
      "no such folder or file (\(located(name))), nor a published model"
        + (suggestion ?? "; headatlas models list --published has them all"))
  }

  /// The path that a missing one was perhaps meant to be, written as `path` is.
  private static func nearest(_ path: String, _ located: (String) -> String) -> String? {
    guard let close = nearestPath(to: located(path), in: ".").map(fileName) else { return nil }
    return path.contains("/") ? "\(folder(of: path) == "/" ? "" : folder(of: path))/\(close)" : close
  }

  private static func nearest(_ name: String, _ names: [String]) -> String {
    nearestName(to: name, in: names).map { ", did you mean \($0)?" } ?? ""
  }

  private static func place(_ path: String) -> ModelSource.Place? {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return nil }
    return isFolder.boolValue ? .folder(path) : .file(path)
  }
}

extension String {
  fileprivate func after(_ prefix: String) -> String? { hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil }
}

extension ModelReference {
  /// Where the model's files are.
  ///
  /// Never uses the network: what the hub has must have been fetched.
  ///
  /// - Throws: `BuildError.model`, `HubError`.
  package func source(cache: HubCache? = nil) throws -> ModelSource {
    switch kind {
    case .local(let place):
      return ModelSource(name: text, place: place, published: Self.published(in: place.path), choices: choices)
    case .weights(let name, let path):
      return ModelSource(
        name: text, place: .file(path), architecture: Architecture.withActivation(name), choices: choices)
    case .published(let model):
      let locations = try model.repositories.map { try HubLocation(repository: $0) }
      return try fetched(locations, published: model, cache)
    case .hub(let location):
      return try fetched([location], published: RegisteredModel.inRepository(location.repository), cache)
    }
  }

  /// The published model whose folder in a hub's cache a path leads into: `…/models--ORG--NAME/snapshots/COMMIT`.
  private static func published(in path: String) -> RegisteredModel? {
    let names = path.split(separator: "/")
    for (folder, next) in zip(names, names.dropFirst()) where folder.hasPrefix("models--") && next == "snapshots" {
      let repository = folder.dropFirst("models--".count).split(separator: "--").joined(separator: "/")
      return RegisteredModel.inRepository(repository)
    }
    return nil
  }

  /// What `headatlas models fetch` has to fetch; nil for files that are here.
  package var location: HubLocation? {
    get throws {
      switch kind {
      case .local, .weights: nil
      case .published(let model): try HubLocation(repository: model.repository)
      case .hub(let location): location
      }
    }
  }

  private func fetched(
    _ locations: [HubLocation], published: RegisteredModel?, _ cache: HubCache?
  ) throws -> ModelSource {
    let cache = try cache ?? HubSettings().cache
    for location in locations {
      guard let snapshot = cache.snapshot(of: location) else { continue }
      return ModelSource(name: text, place: .folder(snapshot.folder), published: published, choices: choices)
    }
    throw BuildError.model(
      text, "not in the hub's cache, \(cache.root); fetch it: headatlas models fetch \(text)")
  }
}
