import Attribution
import LinearAlgebra
import Parallel

extension ModelEvidence {
  /// What `body` makes of 0 ..< `count`, in order.
  ///
  /// Some are worked on at the same time; the result never depends on how many.
  public func inParallel<Value: Sendable>(_ count: Int, _ body: @Sendable (Int) throws -> Value) throws -> [Value] {
    try Parallel.inParallel(count, threads: threads, body)
  }

  /// What `body` makes of every head, in the order of `shape.allHeads`.
  ///
  /// Some heads are worked on at the same time; the result never depends on how many.
  public func mapHeads<Value: Sendable>(_ body: @Sendable (Head) throws -> Value) throws -> [Value] {
    let heads = shape.allHeads
    return try inParallel(heads.count) { try body(heads[$0]) }
  }

  /// Hands what `make` makes of 0 ..< `count` to `take`, in order.
  ///
  /// Some are worked on at the same time, and no more than a few wait to be taken.
  package func stream<Value: Sendable>(
    _ count: Int, _ make: @escaping @Sendable (Int) throws -> Value, take: (Int, Value) throws -> Void
  ) throws {
    try streamInParallel(count, threads: threads, scratch: {}, { place, _ in try make(place) }, take: take)
  }

  /// Hands the patch scores of each of some gallery images to `take`, in the order given.
  ///
  /// Some images are worked on at the same time, and no more than a few wait to be taken; what is taken never depends
  /// on how many.
  ///
  /// - Parameters:
  ///   - questions: best one per image, for all of its texts.
  ///   - take: gets the place in `questions`, and one `PatchScores` per text.
  /// - Throws: what goes wrong with the first image with which something does, or what `take` throws; nothing is taken after it.
  public func forEachPatchScores(
    of questions: [PatchQuestion], _ take: (Int, [PatchScores]) throws -> Void
  ) throws {
    try stream(questions.count) { place in
      let question = questions[place]
      let scores = try patches.scores(image: question.image, texts: texts.embeddings(of: question.texts))
      precondition(
        scores.count == question.texts.count, "\(scores.count) patch scores for \(question.texts.count) texts")
      return scores
    } take: {
      try take($0, $1)
    }
  }
}

/// What is asked of one gallery image's patches.
public struct PatchQuestion: Sendable {
  public let image: GalleryIndex
  public let texts: [TextIndex]

  public init(image: GalleryIndex, texts: [TextIndex]) {
    self.image = image
    self.texts = texts
  }
}
