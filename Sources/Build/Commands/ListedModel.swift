import CLIP
import Diagnostics
import Files
import Foundation
import Images
import LinearAlgebra

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
    throw FileError.unreadable(path: folder, reason: systemReason(error))
  }
  let candidates = isModelFolder(folder) ? [folder] : names.map { folder + "/" + $0 }
  return candidates.filter(isModelFolder).map { path in
    do {
      return ListedModel(path: path, summary: summary(try CLIPConfiguration(ModelSource(folder: path))), problem: nil)
    } catch {
      return ListedModel(path: path, summary: nil, problem: "\(error)")
    }
  }
}

private func summary(_ configuration: CLIPConfiguration) -> String {
  let image = configuration.image
  return "\(image.layers)×\(image.heads) heads of \(image.headWidth), \(configuration.imageSize) px in patches of "
    + "\(configuration.patchSize), joint embedding \(configuration.embeddingWidth)"
}

/// The registry, a line a model: name, sizes, activation, statistics where unusual, repository, and whether it is in the cache.
package func publishedModels() -> [String] {
  RegisteredModel.all.map { model in
    let sizes = model.architecture.map { "\($0.image.layers)×\($0.image.heads)" } ?? ""
    let unusual = [
      model.activation == .quickGELU ? "quick_gelu" : nil,
      model.statistics == .openAI ? nil : "statistics \(model.statistics)",
      model.resize == .shortest ? nil : model.resize.rawValue,
    ].compactMap { $0 }
    let isHere = (try? ModelReference(model.id).source()) != nil
    return ([model.id, sizes] + unusual + [model.repository] + (isHere ? ["fetched"] : [])).joined(separator: "  ")
  }
}
