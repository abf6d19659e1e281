import Analysis
import Attribution
import Tensors

/// What is asked of gallery images with and without parts of the tower: which caption is each image's own, and which class.
///
/// Captions of the same words are one text.
public struct AblationQuestion: Sendable {
  /// The images that have a caption or a class; n of them.
  public let images: [GalleryIndex]
  /// The captions, each once, then the classes' texts, `[K, E]`.
  public let texts: Tensor
  /// How many of the texts are captions.
  public let captions: Int
  /// The place of each image's caption among the captions, `[n]`; nil where it has none, and for all where there are fewer than
  /// two captions.
  public let ownCaptions: [Int?]
  /// The place of each image's class among the classes, `[n]`; nil where it is not known, and for all where there are fewer
  /// than two classes.
  public let ownClasses: [Int?]

  /// The name of the fact that is an image's class.
  private static let classFact = "class"

  /// - Throws: what encoding the classes' texts throws.
  public init(_ evidence: ModelEvidence) throws {
    let gallery = evidence.gallery
    let classes = evidence.classes.count < 2 ? [] : evidence.classes
    let classPlaces = Dictionary(
      classes.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    var captionPlaces: [String: Int] = [:]
    var captionRows: [Float] = []
    for image in gallery.indices {
      guard let caption = gallery[image].caption, captionPlaces[caption] == nil else { continue }
      captionPlaces[caption] = captionPlaces.count
      captionRows += gallery.captionEmbeddings.row(image.place)
    }
    if captionPlaces.count < 2 { (captionPlaces, captionRows) = ([:], []) }
    captions = captionPlaces.count
    let known = gallery.indices.map { image in
      (
        image: image, caption: gallery[image].caption.flatMap { captionPlaces[$0] },
        own: gallery[image].facts.values(of: Self.classFact).first.flatMap { classPlaces[$0] }
      )
    }.filter { $0.caption != nil || $0.own != nil }
    (images, ownCaptions, ownClasses) = (known.map(\.image), known.map(\.caption), known.map(\.own))
    let areAsked = known.contains { $0.own != nil }
    let classRows = areAsked ? try evidence.encoder.embeddings(of: classes.map(\.text)).values : []
    let width = evidence.shape.embeddingWidth
    texts = Tensor(
      shape: [captions + (areAsked ? classes.count : 0), width], values: captionRows + classRows)
  }

  /// How many classes images are told apart by; 0 where no image's class is known.
  public var classes: Int { texts.rows - captions }

  /// What the similarities of the images with the texts come to.
  ///
  /// - Parameter scores: `[n·K]`, row by row.
  func measures(of scores: [Double]) -> AblationMeasures {
    let columns = texts.rows
    var (similarity, reciprocal, first, captioned) = (0.0, 0.0, 0, 0)
    for (row, own) in ownCaptions.enumerated() {
      guard let own else { continue }
      let rivals = scores[row * columns..<row * columns + captions]
      let score = rivals[row * columns + own]
      let rank = 1 + rivals.count { $0 > score }
      (similarity, reciprocal, captioned) = (similarity + score, reciprocal + 1 / Double(rank), captioned + 1)
      if rank == 1 { first += 1 }
    }
    func mean(_ sum: Double) -> Double? { captioned > 0 ? sum / Double(captioned) : nil }
    return AblationMeasures(
      similarity: mean(similarity), reciprocalRank: mean(reciprocal), firstShare: mean(Double(first)),
      accuracy: classes == 0 ? nil : accuracy(scores))
  }

  private func accuracy(_ scores: [Double]) -> Double? {
    let rows = ownClasses.indices.flatMap { row in
      scores[row * texts.rows + captions..<(row + 1) * texts.rows].map(Float.init)
    }
    return ZeroShot(scores: Tensor(shape: [ownClasses.count, classes], values: rows)).accuracy(ownClasses)
  }

  /// What guessing gives: each caption and each class as likely as any other, and no similarity.
  public var chance: AblationMeasures {
    let count = Double(captions)
    let isAsked = captions > 0
    return AblationMeasures(
      similarity: nil, reciprocalRank: isAsked ? (1...captions).reduce(0) { $0 + 1 / Double($1) } / count : nil,
      firstShare: isAsked ? 1 / count : nil, accuracy: classes > 0 ? 1 / Double(classes) : nil)
  }
}

/// How well images are told apart by texts.
public struct AblationMeasures: Sendable, Equatable {
  /// The mean similarity of images with their captions: a dot product, since what is left of an embedding is not scaled to
  /// unit norm again; nil where fewer than two captions are known, as the next two.
  public let similarity: Double?
  /// The mean of 1/rank of an image's caption among all captions of the gallery, 0 to 1.
  public let reciprocalRank: Double?
  /// The share of images whose caption ranks first, 0 to 1.
  public let firstShare: Double?
  /// The share of images whose class is the answer of zero-shot classification, 0 to 1; nil where no classes are known.
  public let accuracy: Double?

  public init(similarity: Double?, reciprocalRank: Double?, firstShare: Double?, accuracy: Double?) {
    (self.similarity, self.reciprocalRank) = (similarity, reciprocalRank)
    (self.firstShare, self.accuracy) = (firstShare, accuracy)
  }
}
