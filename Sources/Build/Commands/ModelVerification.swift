import Attribution
import CLIP
import Diagnostics
import Files
import Foundation
import Images
import LinearAlgebra
import Tensors

/// What `headatlas models verify` finds.
package struct ModelVerification: Sendable, Codable {
  /// As it was named.
  package let model: String
  package let files: [String]
  package let tensors: Int
  package let parameters: Int
  package let sha256: String
  package let configuration: [String: String]
  /// What the registry knows of the model, and in what the model differs from it.
  package let registry: String
  package let differences: [String]
  /// Of an image made for the purpose.
  package let ledgerResidual: Double

  /// The largest residual that rounding explains.
  package static let allowedResidual = 5e-6

  package var passed: Bool { ledgerResidual <= Self.allowedResidual }

  package var lines: [String] {
    ["\(model): \(tensors) tensors, \(parameters) parameters"] + files.map { "  file: \($0)" } + ["  sha256: \(sha256)"]
      + configuration.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value)" } + ["  registry: \(registry)"]
      + differences.map { "  differs from the registry: \($0)" }
      + [
        "  ledger: \(scientific(ledgerResidual)) on a built-in image, "
          + (passed ? "within" : "above") + " the \(Self.allowedResidual) that rounding explains"
      ]
  }
}

/// Loads a model, says what it is, and takes an image apart with it.
package func verifyModel(_ reference: ModelReference, jobs: Int? = nil) throws -> ModelVerification {
  let source = try reference.source()
  let model = try CLIPModel(source, threads: jobs)
  let configuration = model.configuration
  // Waves of different lengths in the three channels: every patch differs.
  let size = configuration.imageSize
  let pixels = Tensor(
    shape: [3, size, size],
    values: (0..<3 * size * size).map { index in
      let (channel, row, column) = (index / (size * size), index / size % size, index % size)
      return Float(sin(Double(row * (channel + 1)) / 7) * cos(Double(column + channel * 5) / 11)) * 1.5
    })
  let residual = reconstructionResidual(of: try model.decompose([pixels]))
  return ModelVerification(
    model: reference.text, files: model.weightFiles, tensors: model.tensorCount, parameters: model.parameterCount,
    sha256: try model.weightsHash(), configuration: describe(configuration),
    registry: source.published.map { "\($0.id), \($0.repository)" } ?? likeness(configuration),
    differences: source.published.map { differences(configuration, from: $0) } ?? [],
    ledgerResidual: Double(residual.largest))
}

private func describe(_ configuration: CLIPConfiguration) -> [String: String] {
  [
    "image tower": describe(configuration.image), "text tower": describe(configuration.text),
    "joint embedding": "\(configuration.embeddingWidth)",
    "input":
      "\(configuration.imageSize) px, patches of \(configuration.patchSize) px, \(configuration.resize.rawValue)",
    "activation": configuration.activation.choiceName,
    "norm before the blocks": configuration.hasInputNorm ? "yes" : "no",
    "context length, vocabulary": "\(configuration.contextLength), \(configuration.vocabularySize)",
    "statistics": "\(configuration.statistics)",
  ]
}

private func describe(_ tower: CLIPConfiguration.Tower) -> String {
  "\(tower.layers) layers × \(tower.heads) heads of \(tower.headWidth), width \(tower.width), MLP \(tower.mlpWidth), "
    + "epsilon \(tower.epsilon)"
}

/// Of a model that was not named as a published one: whose sizes it has.
private func likeness(_ configuration: CLIPConfiguration) -> String {
  let alike = Architecture.all.first { configuration.hasSizes(of: $0) }
  return "not asked for by a published name; its sizes are " + (alike.map { "\($0.name)'s" } ?? "no published model's")
}

/// Sizes cannot differ, or the model had not loaded; the rest can where the reader chose so.
private func differences(_ found: CLIPConfiguration, from published: RegisteredModel) -> [String] {
  [
    ("activation", found.activation.choiceName, published.activation.choiceName),
    ("statistics", "\(found.statistics)", "\(published.statistics)"),
    ("resize", found.resize.rawValue, published.resize.rawValue),
  ].filter { $0.1 != $0.2 }.map { "\($0.0) is \($0.1), there \($0.2)" }
}
