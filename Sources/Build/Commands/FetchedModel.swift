import Foundation
import Hub

/// A model that is on the disk now.
package struct FetchedModel: Sendable {
  package let folder: String
  /// What the reader may want to know of a fetch that went well.
  package let notes: [String]
}

/// Fetches a model from the hub into its cache, where it is not there yet.
///
/// - Throws: `BuildError.model` where it is not one of the hub's, `BuildError.interrupted`, `HubError`.
package func fetchModel(
  _ reference: ModelReference, settings: HubSettings? = nil, progress: any ProgressReporter
) throws -> FetchedModel {
  guard let location = try reference.location else {
    throw BuildError.model(
      reference.text, "here already; expected a published model such as ViT-B-32/openai, or hf-hub:ORG/NAME")
  }
  let client = HubClient(settings: try settings ?? HubSettings())
  let snapshot = try client.fetch(location) { state in
    try Interruption.shared.check()
    guard state.total > 0 else { return }
    // In megabytes, the last one only when all is there.
    progress.report(
      stage: "\(state.file), MB", done: state.done / 1_000_000, total: (state.total + 999_999) / 1_000_000)
  }
  return FetchedModel(folder: snapshot.folder, notes: snapshot.notes.map(\.description))
}
