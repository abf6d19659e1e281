/// The reason why a head cannot be described, as facts; `description` words it on one line.
package enum TextSpanError: Error, Equatable, CustomStringConvertible {
  case basis(shape: [Int], width: Int)
  case texts(shape: [Int], embeddingWidth: Int)
  case numbers(count: Int, rank: Int)
  case notFinite(String)

  package var description: String {
    switch self {
    case .basis(let shape, let width):
      "a head's basis has shape \(shape), expected [\(width), E] for coordinates of width \(width); "
        + "both must come from one model"
    case .texts(let shape, let embeddingWidth):
      "text embeddings have shape \(shape), expected [M, \(embeddingWidth)]; embed them with the same model"
    case .numbers(let count, let rank):
      "TextSpan for \(count) descriptions at rank \(rank), expected at least 1 of both; set textspan.count and "
        + "textspan.rank"
    case .notFinite(let what):
      "\(what) hold a number that is not finite; the checkpoint is damaged"
    }
  }
}
