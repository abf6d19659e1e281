import Analysis
import Attribution
import CLIP
import Checkpoints
import Files
import Foundation
import Synchronization
import Tensors

/// Patch scores of gallery images.
///
/// Scores are kept in the cache by image and texts. An image of which others are asked for runs through the tower once, whoever
/// asks and how often.
///
/// The first images' patches stay in memory, up to a limit for all models of an atlas together; the others lie in a temporary
/// folder until the store is let go. A ViT-L-14's patches take 26 MB an image.
final class PatchStore: PatchScoring {
  private let model: CLIPModel
  /// Of all that scores depend on but the image and the texts.
  private let modelKey: String
  private let cache: FeatureCache
  private let gallery: GalleryImages
  private let stage: String
  private let progress: any ProgressReporter
  private let slots: [Slot]
  private let passes = Atomic<Int>(0)
  /// Where the patches that are not in memory lie.
  private let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("headatlas-patches-\(UUID().uuidString)").path

  /// Bytes of patches that may stay in memory, and those that do, in all stores together.
  private let memoryLimit: Int
  private static let memory = Mutex(0)

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
    _ loaded: LoadedModel, _ dataset: Dataset, cache: FeatureCache, memoryLimit: Int, _ progress: any ProgressReporter
  ) {
    self.memoryLimit = memoryLimit
    model = loaded.model
    modelKey = loaded.key
    gallery = dataset.galleryImages
    self.cache = cache
    stage = "\(loaded.entry.id): patches"
    self.progress = progress
    slots = gallery.items.map { _ in Slot() }
  }

  deinit {
    try? FileManager.default.removeItem(atPath: folder)
    let count = slots.count { slot in slot.kept.withLock { if case .patches = $0 { true } else { false } } }
    let bytes = count * Self.bytes(of: model.shape)
    Self.memory.withLock { $0 -= bytes }
  }

  /// Bytes of the patches of one image.
  static func bytes(of shape: TowerShape) -> Int {
    shape.headCount * shape.patches * shape.headSpaceWidth * MemoryLayout<Float>.size
  }

  func scores(image: GalleryIndex, texts: Tensor) throws -> [PatchScores] {
    try Interruption.shared.check()
    let shape = model.shape
    let inputs = [
      modelKey, gallery.items[image.place].hash, texts.values.withUnsafeBytes { hexDigest(of: $0) },
    ]
    let kept = try cache.tensors(.patches, inputs: inputs, names: ["scores"]) {
      let scores = try patches(of: image.place).scores(texts: texts)
      return [
        Tensor(shape: [texts.rows, shape.headCount, shape.patches], values: scores.flatMap(\.values.values))
      ]
    }[0]
    guard kept.shape == [texts.rows, shape.headCount, shape.patches] else {
      return try patches(of: image.place).scores(texts: texts)
    }
    return kept.patchScores(shape)
  }

  private func patches(of image: Int) throws -> PatchCoordinates {
    try slots[image].kept.withLock { kept in
      switch kept {
      case .patches(let patches): return patches
      case .file(let path): return try read(path)
      case nil:
        let patches = try model.patchCoordinates(try gallery.pixels(image, for: model.preprocessing))
        kept = keep(patches, of: image)
        return patches
      }
    }
  }

  /// Nil where there is no room in memory and none on the disk either.
  private func keep(_ patches: PatchCoordinates, of image: Int) -> Kept? {
    progress.report(
      stage: stage, done: passes.add(1, ordering: .relaxed).newValue, total: slots.count)
    let bytes = Self.bytes(of: model.shape)
    let hasRoom = Self.memory.withLock { [memoryLimit] used in
      guard used + bytes <= memoryLimit else { return false }
      used += bytes
      return true
    }
    if hasRoom { return .patches(patches) }
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
