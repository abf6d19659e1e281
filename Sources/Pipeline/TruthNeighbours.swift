import Analysis
import Attribution
import CLIP
import Metrics
import Tensors

/// How often the nearest probe pictures of gallery pictures share a fact with them.
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
    /// Of probe pictures drawn at random, exactly.
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

  /// Neighbours of a picture.
  package static let count = 4

  /// - Returns: nil where no fact is known of both the gallery's and the probe set's pictures.
  init?(_ study: ModelStudy, _ configuration: AtlasConfiguration) throws {
    let queries = configuration.gallery.pictures.map(\.facts)
    let database = configuration.probe.pictures.map(\.facts)
    let sharings = SceneFacts.names(in: queries).compactMap {
      FactSharing(fact: $0, queries: queries, database: database)
    }
    guard !sharings.isEmpty else { return nil }
    let (gallery, probe) = (study.evidence.gallery.contributions, study.evidence.probe.contributions)
    let whole = try NeighbourIndex(vectors: probe.embeddings, name: "image embeddings")
    let byEmbedding = Self.rows(whole, gallery.embeddings, by: .centredCosine)
    let heads = study.shape.allHeads
    let byHead = try inParallel(heads.count, threads: study.loaded.model.threads) { place in
      let index = try NeighbourIndex(head: heads[place], of: probe)
      return Self.rows(index, gallery.coordinates[place], by: .centredCosine)
    }
    facts = sharings.map { sharing in
      OfFact(
        fact: sharing.fact, queries: sharing.queries.count, byHead: byHead.map(sharing.precision),
        embedding: sharing.precision(byEmbedding), chance: sharing.chance,
        bestByChance: sharing.bestByChance(heads: heads.count, count: Self.count))
    }
    let names = FactProperties(configuration)
    properties = try study.evidence.properties.filter { !$0.heads.isEmpty }.flatMap { property in
      let own = names.facts(of: property.title)
      let sharings = sharings.filter { own.contains($0.fact) }
      guard !sharings.isEmpty else { return [OfProperty]() }
      let index = try NeighbourIndex(
        vectors: probe.meanContributions(of: property.heads), name: "property \(property.id)")
      let means = gallery.meanContributions(of: property.heads)
      let (byCosine, byDot) = (
        Self.rows(index, means, by: .centredCosine), Self.rows(index, means, by: .dot)
      )
      return sharings.map { sharing in
        OfProperty(
          property: property.id, title: property.title, fact: sharing.fact, heads: property.heads.count,
          queries: sharing.queries.count, byCosine: sharing.precision(byCosine), byDot: sharing.precision(byDot),
          embedding: sharing.precision(byEmbedding), chance: sharing.chance)
      }
    }
  }

  /// The nearest rows of each picture, `[G][count]`.
  private static func rows(_ index: NeighbourIndex, _ pictures: Tensor, by score: NeighbourScore) -> [[Int]] {
    let queries = (0..<pictures.rows).map { index.query(picture: pictures.row($0)) }
    return index.nearest(to: queries, by: score, count: count).map { $0.map(\.row) }
  }
}
