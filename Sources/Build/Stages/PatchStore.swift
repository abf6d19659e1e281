import Analysis
import Attribution
import CLIP
import Checkpoints
import Foundation
import Synchronization
import Tensors

/// Patch scores of gallery images.
///
/// An image runs through the tower once, whoever asks for its patches and how often.
///
/// The first images' patches stay in memory; of a large gallery the others lie in a temporary folder until the store is
/// let go. A ViT-L-14's patches take 26 MB an image.
final class PatchStore: PatchScoring {
  private let model: CLIPModel
  private let gallery: GalleryImages
  private let stage: String
  private let progress: any ProgressReporter
  private let slots: [Slot]
  private let use = Mutex((passes: 0, bytes: 0))
  /// Where the patches that are not in memory lie.
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("headatlas-patches-\(UUID().uuidString)").path

  /// Bytes of patches that stay in memory.
  private static let memory = 256 << 20

  /// What is kept of an image's patches.
  private enum Kept {
    case patches(PatchCoordinates)
    case file(String)
  }

  /// An image's patches; who holds the lock computes them while others wait.
  private final class Slot: Sendable {
    let kept = Mutex<Kept?>(nil)
  }

  init(
    _ model: CLIPModel, _ gallery: GalleryImages, _ entry: AtlasConfiguration.ModelEntry,
    _ progress: any ProgressReporter
  ) {
    self.model = model
    self.gallery = gallery
    stage = "\(entry.id): patches"
    self.progress = progress
    slots = gallery.items.map { _ in Slot() }
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func scores(image: GalleryIndex, texts: Tensor) throws -> [PatchScores] {
    try Interruption.shared.check()
    return try patches(of: image.place).scores(texts: texts)
  }

  private func patches(of image: Int) throws -> PatchCoordinates {
    try slots[image].kept.withLock { kept in
      switch kept {
      case .patches(let patches): return patches
      case .file(let path): return try read(path)
      case nil:
        let patches = try model.patchCoordinates(gallery.pixels(image, for: model.preprocessing))
        kept = keep(patches, of: image)
        return patches
      }
    }
  }

  /// Nil where there is no room in memory and none on the disk either.
  private func keep(_ patches: PatchCoordinates, of image: Int) -> Kept? {
    let bytes = patches.coordinates.reduce(0) { $0 + $1.count * MemoryLayout<Float>.size }
    let (passes, total) = use.withLock { use in
      use.passes += 1
      use.bytes += bytes
      return use
    }
    progress.report(stage: stage, done: passes, total: slots.count)
    if total <= Self.memory { return .patches(patches) }
    let path = "\(folder)/\(image).safetensors"
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let named = zip(patches.shape.allHeads, patches.coordinates).map { ($0.padded, $1) }
    guard (try? writeSafetensors(named, metadata: [:], to: path)) != nil else { return nil }
    return .file(path)
  }

  private func read(_ path: String) throws -> PatchCoordinates {
    let file = try SafetensorsFile(path: path)
    return PatchCoordinates(
      shape: model.shape, spaces: model.spaces,
      coordinates: try model.shape.allHeads.map { try file.tensor($0.padded) })
  }
}
