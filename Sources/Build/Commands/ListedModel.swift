import CLIP
import Files
import Hub
import Images
import LinearAlgebra

/// A model that `headatlas models list` finds.
package struct ListedModel: Sendable {
  /// As commands may name it.
  package let path: String
  /// Nil where its configuration cannot be read; `problem` says why.
  package let summary: String?
  package let problem: String?

  /// One that cannot be named.
  fileprivate init(undecodable word: String, in folder: String) {
    (path, summary) = ("\(folder)/\(word)", nil)
    problem = "its name is not UTF-8; rename it: \(nameConversion) *"
  }

  fileprivate init(path: String, folder: String) {
    self.path = path
    do {
      (summary, problem) = (Build.summary(try CLIPConfiguration(ModelSource(folder: folder))), nil)
    } catch {
      (summary, problem) = (nil, "\(error)")
    }
  }
}

/// The models in a folder; without one those of the folder that a clone of the repository has or, anywhere else, those
/// in the hub's cache.
///
/// - Parameter standard: the clone's folder.
/// - Returns: also what to do, where there is none.
package func listModels(
  in folder: String?, standard: String = "content/models", cache: HubCache? = nil
) throws -> (models: [ListedModel], advice: String?) {
  if let folder = folder ?? (FileKind(of: standard) == .folder ? standard : nil) {
    let models = try models(in: folder)
    let advice = "\(folder): no model, that is no folder with an open_clip_config.json or a CLIP's config.json"
    return (models, models.isEmpty ? advice : nil)
  }
  let cache = try cache ?? HubSettings().cache
  let models = cachedModels(cache)
  let advice =
    "no model in the hub's cache, \(cache.root), and no folder \(standard) here; name a folder of models, or fetch one: "
    + "headatlas models fetch ViT-B-32/openai"
  return (models, models.isEmpty ? advice : nil)
}

/// The model folders directly in `folder`, sorted, or `folder` itself where it is one.
private func models(in folder: String) throws -> [ListedModel] {
  if isModelFolder(folder) { return [ListedModel(path: folder, folder: folder)] }
  let found = try FolderNames(of: folder)
  return found.names.map { folder + "/" + $0 }.filter(isModelFolder).map { ListedModel(path: $0, folder: $0) }
    + found.undecodable.map { ListedModel(undecodable: $0, in: folder) }
}

/// The CLIP models that are whole in the hub's cache.
private func cachedModels(_ cache: HubCache) -> [ListedModel] {
  cache.repositories.compactMap { repository in
    guard let location = try? HubLocation(repository: repository), let snapshot = cache.snapshot(of: location),
      isModelFolder(snapshot.folder)
    else { return nil }
    return ListedModel(path: "hf-hub:\(repository)", folder: snapshot.folder)
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
