import Attribution
import CLIP
import Parallel
import Tensors

/// Decompositions of batches of images that threads compute ahead of who asks for them: while one piece is being written, they go on
/// with the next, so that none waits for the last batch of each piece.
final class BlocksAhead {
  private let model: CLIPModel
  private let pixels: @Sendable (Int) throws -> Tensor
  /// What is computed ahead, in this order.
  private let batches: [Range<Int>]
  private let places: [Range<Int>: Int]
  private let stream: StreamedResults<HeadContributions>
  /// The next one of the foreseen batches that was not given or passed over.
  private var next = 0

  /// - Parameters:
  ///   - batches: places of images; some may be left out.
  ///   - pixels: the image at a place, `[3, S, S]`; called on several threads.
  init(_ model: CLIPModel, _ batches: [Range<Int>], pixels: @escaping @Sendable (Int) throws -> Tensor) {
    (self.model, self.pixels, self.batches) = (model, pixels, batches)
    places = Dictionary(zip(batches, batches.indices)) { first, _ in first }
    stream = model.decompositions(of: batches, pixels: Self.interruptible(batches, pixels))
  }

  /// Calls `body` with the decompositions of some batches.
  ///
  /// Those that were not foreseen come first, and are computed now, as are those that were given before. What was foreseen to come before
  /// one of the others, and is not asked for, is passed over.
  func forEach(
    of batches: [Range<Int>], progress: any ProgressReporter, stage: String = "",
    _ body: (Range<Int>, HeadContributions) throws -> Void
  ) throws {
    guard !batches.isEmpty else { return }
    let total = batches.reduce(0) { $0 + $1.count }
    var done = 0
    func take(_ rows: Range<Int>, _ block: HeadContributions) throws {
      try body(rows, block)
      done += rows.count
      progress.report(stage: stage, done: done, total: total)
    }
    progress.report(stage: stage, done: done, total: total)
    let foreseen = batches.compactMap { places[$0] }.filter { $0 >= next }.sorted()
    let late = batches.filter { (places[$0] ?? -1) < next }
    try model.decompose(batches: late, pixels: Self.interruptible(late, pixels), take: take)
    for place in foreseen {
      stream.skip(to: place)
      next = place + 1
      try take(self.batches[place], try stream.next())
    }
  }

  /// Reads images for batches, of which one that is begun is finished.
  private static func interruptible(
    _ batches: [Range<Int>], _ pixels: @escaping @Sendable (Int) throws -> Tensor
  ) -> @Sendable (Int) throws -> Tensor {
    let starts = Set(batches.map(\.lowerBound))
    return { place in
      if starts.contains(place) { try Interruption.shared.check() }
      return try pixels(place)
    }
  }
}
