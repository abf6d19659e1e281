import Analysis
import Attribution
import CLIP
import Evaluation
import Metrics
import Tensors

/// How often the nearest probe images of gallery images share a fact with them.
package struct NeighbourTruths: Sendable {
  /// A property's heads, and the fact that the property is.
  package struct OfProperty: Sendable {
    package let property: String
    package let title: String
    package let fact: String
    package let heads: Int
    package let queries: Int
    /// The share of neighbours that share the fact, by the property's heads.
    package let byCosine: Double
    package let byDot: Double
    /// By the whole embedding.
    package let embedding: Double
    /// Of probe images drawn at random, exactly.
    package let chance: Double
  }
  /// A fact, for every head alone.
  package struct OfFact: Sendable {
    package let fact: String
    package let queries: Int
    /// By each head's centred cosine, in the order of all heads.
    package let byHead: [Double]
    package let embedding: Double
    package let chance: Double
    /// What luck alone gives the best of as many heads.
    package let bestByChance: Double
  }
  package let properties: [OfProperty]
  package let facts: [OfFact]

  /// Neighbours of an image.
  package static let count = 4

  /// - Returns: nil where no fact is known of both the gallery's and the probe set's images.
  init?(_ study: ModelStudy, _ configuration: AtlasConfiguration) throws {
    let (queries, database) = (Array(configuration.gallery.facts), configuration.probe.facts)
    let known = SceneFacts.names(in: queries).filter { fact in
      database.contains { !$0.values(of: fact).isEmpty }
    }
    guard !known.isEmpty else { return nil }
    let (gallery, probe) = (study.evidence.gallery.contributions, study.evidence.probe.features)
    let byEmbedding = try Self.rows(
      NeighbourIndex(embeddingsOf: probe), gallery.embeddings, by: .centredCosine)
    let heads = study.shape.allHeads
    let byHead = try study.evidence.mapHeads { head in
      try Self.rows(
        NeighbourIndex(head: head, of: probe), gallery.coordinates(of: head, block: 0), by: .centredCosine)
    }
    let names = FactProperties(configuration)
    let searches = try study.evidence.properties.compactMap { property -> PropertySearch? in
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
