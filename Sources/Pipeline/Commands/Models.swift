import Attribution
import CLIP
import Foundation
import Tensors

/// What `headatlas models verify` finds.
package struct ModelVerification: Sendable, Codable {
  package let folder: String
  package let tensors: Int
  package let parameters: Int
  package let sha256: String
  package let configuration: [String: String]
  /// Of a picture made for the purpose.
  package let ledgerResidual: Double

  /// The largest residual that rounding explains.
  package static let allowedResidual = 5e-6

  package var passed: Bool { ledgerResidual <= Self.allowedResidual }

  package var lines: [String] {
    ["\(folder): \(tensors) tensors, \(parameters) parameters", "  sha256: \(sha256)"]
      + configuration.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value)" }
      + [
        "  ledger: \(scientific(Float(ledgerResidual))) on a built-in picture, "
          + (passed ? "within" : "above") + " the \(Self.allowedResidual) that rounding explains"
      ]
  }
}

/// Loads a model, says what it is, and takes a picture apart with it.
package func verifyModel(_ path: String, jobs: Int? = nil) throws -> ModelVerification {
  let model = try CLIPModel(folder: path, threads: jobs)
  let configuration = model.configuration
  // Waves of different lengths in the three channels: every patch differs.
  let size = configuration.imageSize
  let pixels = Tensor(
    shape: [3, size, size],
    values: (0..<3 * size * size).map { index in
      let (channel, row, column) = (index / (size * size), index / size % size, index % size)
      return Float(sin(Double(row * (channel + 1)) / 7) * cos(Double(column + channel * 5) / 11)) * 1.5
    })
  let ledger = ledger(try model.decompose([pixels]))
  return ModelVerification(
    folder: path, tensors: model.tensorCount, parameters: model.parameterCount,
    sha256: try hexDigest(ofFile: model.weightsPath),
    configuration: [
      "image tower": describe(configuration.image), "text tower": describe(configuration.text),
      "joint embedding": "\(configuration.embeddingWidth)",
      "input": "\(size) px, patches of \(configuration.patchSize) px",
      "activation": configuration.activation == .gelu ? "GELU" : "QuickGELU",
      "norm before the blocks": configuration.hasInputNorm ? "yes" : "no",
      "context length, vocabulary": "\(configuration.contextLength), \(configuration.vocabularySize)",
      "mean, std": "\(configuration.mean), \(configuration.standardDeviation)",
    ], ledgerResidual: Double(ledger.worstResidual))
}

private func describe(_ tower: CLIPConfiguration.Tower) -> String {
  "\(tower.layers) layers × \(tower.heads) heads of \(tower.headWidth), width \(tower.width), MLP \(tower.mlpWidth), "
    + "epsilon \(tower.epsilon)"
}

/// A model folder that `headatlas models list` finds.
package struct ListedModel: Sendable {
  package let path: String
  /// Nil where its configuration cannot be read; `problem` says why.
  package let summary: String?
  package let problem: String?
}

/// The model folders directly in `folder`, sorted, or `folder` itself where it is one.
package func listModels(in folder: String) throws -> [ListedModel] {
  let names: [String]
  do {
    names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  } catch {
    throw PipelineError.unreadable(file: folder, reason: systemReason(error))
  }
  let candidates = names.contains("open_clip_config.json") ? [folder] : names.map { folder + "/" + $0 }
  return candidates.filter { FileManager.default.fileExists(atPath: $0 + "/open_clip_config.json") }.map { path in
    do {
      let configuration = try CLIPConfiguration(folder: path)
      let image = configuration.image
      return ListedModel(
        path: path,
        summary:
          "\(image.layers)×\(image.heads) heads of \(image.headWidth), \(configuration.imageSize) px in patches of "
          + "\(configuration.patchSize), joint embedding \(configuration.embeddingWidth)", problem: nil)
    } catch {
      return ListedModel(path: path, summary: nil, problem: "\(error)")
    }
  }
}
