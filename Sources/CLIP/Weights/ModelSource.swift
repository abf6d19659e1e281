import Checkpoints
import Files
import Foundation
import Images
import LinearAlgebra

/// A model that was asked for: the place of its files, and what is known of it besides them.
package struct ModelSource: Sendable, Equatable {
  package enum Place: Sendable, Equatable {
    /// A folder with configuration, weights and tokenizer.
    case folder(String)
    /// A file of weights.
    case file(String)

    package var path: String {
      switch self {
      case .folder(let path), .file(let path): path
      }
    }
  }

  /// The model as the user wrote it, for messages: a folder's path, `ViT-B-32/openai` and so on.
  package let name: String
  package let place: Place
  /// The published model that was asked for.
  package let published: RegisteredModel?
  /// The architecture that was named for a file of weights, and the activation that its name implies.
  package let architecture: Architecture?
  package let architectureActivation: Activation?
  package let choices: ModelChoices

  package init(
    name: String, place: Place, published: RegisteredModel? = nil,
    architecture: (Architecture, Activation)? = nil, choices: ModelChoices = ModelChoices()
  ) {
    self.name = name
    self.place = place
    self.published = published
    self.architecture = architecture?.0
    architectureActivation = architecture?.1
    self.choices = choices
  }

  /// A model folder.
  package init(folder: String) {
    self.init(name: folder, place: .folder(folder))
  }
}

/// The user's choices, which take precedence over the files.
package struct ModelChoices: Sendable, Equatable {
  package var activation: Activation?
  package var statistics: Statistics?
  package var resize: Preprocessing.Resize?
  /// The folder of the tokenizer's files.
  package var tokenizer: String?
  /// Whether positional embeddings are interpolated where the configuration is for another size than the weights.
  package var resizesPositions = false

  package init() {}
}

/// The files that a model is read from.
struct ModelFiles {
  let folder: String
  /// The path of `open_clip_config.json`, where there is one.
  let openCLIP: String?
  /// The path of `config.json`, where there is one.
  let huggingFace: String?
  /// A file of weights, or the index of several.
  let weights: String

  /// Finds the files of a model.
  ///
  /// - Throws: `ConfigurationError.noWeights`.
  init(_ place: ModelSource.Place) throws {
    let folder: String
    switch place {
    case .folder(let path):
      folder = path
      let names = WeightFiles.names.flatMap { [$0, WeightFiles.index(of: $0)] }
      guard let name = names.first(where: { exists(path + "/" + $0) }) else {
        throw ConfigurationError.noWeights(folder: path, expected: WeightFiles.names)
      }
      weights = path + "/" + name
    case .file(let path):
      folder = Files.folder(of: path)
      weights = path
    }
    self.folder = folder
    (openCLIP, huggingFace) = Self.configurations(in: folder)
  }

  /// The weights, without a prefix that all their names have where a model is under it.
  ///
  /// - Throws: `CheckpointError`.
  func checkpoint() throws -> Checkpoint {
    let checkpoint = try Checkpoint(path: weights)
    let bare = checkpoint.withoutCommonPrefix
    return WeightNames.prefixes(in: bare.names).contains("") ? bare : checkpoint
  }

  fileprivate static func configurations(in folder: String) -> (openCLIP: String?, huggingFace: String?) {
    func file(_ name: String) -> String? { exists(folder + "/" + name) ? folder + "/" + name : nil }
    return (file("open_clip_config.json"), file("config.json"))
  }
}

/// Whether a folder says that it is a CLIP model's.
package func isModelFolder(_ path: String) -> Bool {
  let (openCLIP, huggingFace) = ModelFiles.configurations(in: path)
  return openCLIP != nil || huggingFace.flatMap { try? CLIPConfiguration(huggingFace: $0) } != nil
}

private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
