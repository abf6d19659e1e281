/// What a figure means, for the metrics page and for `headatlas metrics`.
public struct MetricDefinition: Sendable, Equatable, Codable {
  /// As in the JSON.
  public let id: String
  public let name: String
  /// In words and symbols, complete enough to compute it by hand.
  public let formula: String
  /// Which way it reads.
  public let direction: String
}

/// A figure that the study of six CLIP models prints, to stand beside ours.
public struct PublishedFigure: Sendable, Equatable, Codable {
  /// The open_clip architecture and tag.
  public let model: String
  /// The `MetricDefinition` it is to be read beside.
  public let metric: String
  public let value: Double
  public let note: String
}

extension LabelReport {
  public static let definitions: [MetricDefinition] = [
    MetricDefinition(
      id: "shared_label_share", name: "Shared-label share (entanglement)",
      formula: "heads whose label at least one other head of the model carries / labelled heads; two labels are the "
        + "same if one is a prefix of the other, ignoring case (“Animal”, “Animals”)",
      direction: "lower is better: heads with jobs of their own"),
    MetricDefinition(
      id: "unique_label_share", name: "Unique-label share",
      formula: "1 − shared-label share: heads whose label no other head carries / labelled heads; this is the figure "
        + "the study prints as entanglement",
      direction: "higher is better: heads with jobs of their own"),
    MetricDefinition(
      id: "shared_label_share_size_corrected", name: "Shared-label share, size-corrected",
      formula: "expected shared-label share of m = 48 heads drawn from the n labelled heads without replacement: mean "
        + "over heads of 1 − C(n−1−d, m−1) / C(n−1, m−1), where d other heads carry the head's label; with fewer than "
        + "48 labelled heads m = n, and the figure equals the shared-label share",
      direction: "lower is better; comparable between models with 48 heads and more"),
    MetricDefinition(
      id: "association_score", name: "Association",
      formula: "heads with CCS of 3 or more / judged heads, where CCS is the number of a head's first five "
        + "descriptions that a judge finds to fit its label",
      direction: "higher is better: labels that say what heads do"),
    MetricDefinition(
      id: "ccs_at_k", name: "CCS@K", formula: "heads with CCS = K / judged heads, for K from 0 to 5",
      direction: "better the more weight lies at high K"),
    MetricDefinition(
      id: "ccs_high", name: "High CCS", formula: "number of heads with CCS = 5", direction: "higher is better"),
    MetricDefinition(
      id: "ccs_moderate", name: "Moderate CCS", formula: "number of heads with CCS = 3",
      direction: "neither; read it beside the others"),
    MetricDefinition(
      id: "ccs_low", name: "Low CCS", formula: "number of heads with CCS of 1 or 0", direction: "lower is better"),
    MetricDefinition(
      id: "ccr", name: "CCR",
      formula: "properties that more than one head with CCS = 5 carries / heads with CCS = 5; labels that the prefix "
        + "rule chains are one property",
      direction: "lower is better: coherent heads with jobs of their own"),
  ]

  /// Only figures that could be traced to the labels they were computed from.
  public static let published: [PublishedFigure] = {
    let asUnique = "printed as entanglement, where lower is said to be better; equals the unique-label share"
    let asAssociation = "the paper does not print its rule; CCS of 3 or more fits"
    let counts: [(String, [Double])] = [
      ("ViT-B-32/openai", [8, 13, 4]), ("ViT-B-32/datacomp_m_s128m_b4k", [11, 9, 8]), ("ViT-B-16/openai", [10, 14, 4]),
      ("ViT-B-16/laion2b_s34b_b88k", [13, 12, 6]), ("ViT-L-14/openai", [16, 13, 11]),
      ("ViT-L-14/laion2b_s32b_b82k", [21, 14, 3]),
    ]
    return [
      PublishedFigure(model: "ViT-B-32/openai", metric: "unique_label_share", value: 0.437, note: asUnique),
      PublishedFigure(model: "ViT-B-16/laion2b_s34b_b88k", metric: "unique_label_share", value: 0.541, note: asUnique),
      PublishedFigure(model: "ViT-B-32/openai", metric: "association_score", value: 0.437, note: asAssociation),
      PublishedFigure(
        model: "ViT-B-16/laion2b_s34b_b88k", metric: "association_score", value: 0.166, note: asAssociation),
    ]
      + counts.flatMap { model, values in
        zip(["ccs_high", "ccs_moderate", "ccs_low"], values).map { metric, value in
          PublishedFigure(model: model, metric: metric, value: value, note: "number of heads, as published")
        }
      }
  }()
}
