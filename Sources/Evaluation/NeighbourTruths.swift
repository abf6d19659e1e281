import Analysis
import Attribution
import Tensors

/// How often the nearest probe images of gallery images share a fact with them.
public struct NeighbourTruths: Sendable {
  /// A property's heads, and the fact that the property is.
  public struct OfProperty: Sendable {
    public let property: String
    public let title: String
    public let fact: String
    public let heads: Int
    public let queries: Int
    /// The share of neighbours that share the fact, by the property's heads.
    public let byCosine: Double
    public let byDot: Double
    /// By the whole embedding.
    public let embedding: Double
    /// Of probe images drawn at random, exactly.
    public let chance: Double
  }
  /// A fact, for every head alone.
  public struct OfFact: Sendable {
    public let fact: String
    public let queries: Int
    /// By each head's centred cosine, in the order of all heads.
    public let byHead: [Double]
    public let embedding: Double
    public let chance: Double
    /// What luck alone gives the best of as many heads.
    public let bestByChance: Double
  }
  public let properties: [OfProperty]
  public let facts: [OfFact]

  /// Neighbours of an image.
  public static let count = 4

  /// - Returns: nil where no fact is known of both the gallery's and the probe set's images.
  init?(_ evidence: ModelEvidence, _ names: FactProperties) throws {
    let (queries, database) = (evidence.gallery.items.map(\.facts), evidence.probe.items.lazy.map(\.facts))
    let known = SceneFacts.names(in: queries).filter { fact in
      database.contains { !$0.values(of: fact).isEmpty }
    }
    guard !known.isEmpty else { return nil }
    let (gallery, probe) = (evidence.gallery.contributions, evidence.probe.features)
    let byEmbedding = try Self.rows(
      NeighbourIndex(embeddingsOf: probe), gallery.embeddings, by: .centredCosine)
    let heads = evidence.shape.allHeads
    let byHead = try evidence.mapHeads { head in
      try Self.rows(
        NeighbourIndex(head: head, of: probe), gallery.coordinates(of: head, block: 0), by: .centredCosine)
    }
    let searches = try evidence.properties.compactMap { property -> PropertySearch? in
      let facts = names.facts(of: property.title)
      guard !property.heads.isEmpty, known.contains(where: facts.contains) else { return nil }
      let index = try NeighbourIndex(meanOf: property.heads, of: probe, name: "property \(property.id)")
      let means = try gallery.meanContributions(of: property.heads, block: 0)
      return PropertySearch(
        property: property, facts: facts, byCosine: try Self.rows(index, means, by: .centredCosine),
        byDot: try Self.rows(index, means, by: .dot))
    }
    var facts: [OfFact] = []
    var properties = searches.map { _ in [OfProperty]() }
    // One fact after the other: what images share takes a number per image.
    for fact in known {
      guard let sharing = FactSharing(fact: fact, queries: queries, database: database) else { continue }
      facts.append(
        OfFact(
          fact: fact, queries: sharing.queries.count, byHead: byHead.map(sharing.precision),
          embedding: sharing.precision(byEmbedding), chance: sharing.chance,
          bestByChance: sharing.bestByChance(heads: heads.count, count: Self.count)))
      for (place, search) in searches.enumerated() where search.facts.contains(fact) {
        properties[place].append(
          OfProperty(
            property: search.property.id, title: search.property.title, fact: fact,
            heads: search.property.heads.count, queries: sharing.queries.count,
            byCosine: sharing.precision(search.byCosine), byDot: sharing.precision(search.byDot),
            embedding: sharing.precision(byEmbedding), chance: sharing.chance))
      }
    }
    self.facts = facts
    self.properties = properties.flatMap { $0 }
  }

  /// A property with the facts that it is, and the nearest rows of each gallery image by its heads.
  private struct PropertySearch {
    let property: Property
    let facts: [String]
    let byCosine: [[Int]]
    let byDot: [[Int]]
  }

  /// The nearest rows of each image, `[G][count]`.
  private static func rows(_ index: NeighbourIndex, _ images: Tensor, by score: NeighbourScore) throws -> [[Int]] {
    let queries = (0..<images.rows).map { index.query(image: images.row($0)) }
    return try index.nearest(to: queries, by: score, count: count).map { $0.map(\.row) }
  }
}
