import Analysis
import Attribution
import CLIP
import Diagnostics
import Images
import Metrics
import Site

/// The method page, provenance, and the values that commentary may claim.
extension CoreSections {
  func methodSections() -> [Section] {
    [
      Section(
        subject: .method, plugin: Self.manifest.id, model: nil, title: "From an image to its heads", order: 10,
        blocks: [.markdown(Self.decomposition)]),
      Section(
        subject: .method, plugin: Self.manifest.id, model: nil, title: "From a head to words", order: 20,
        blocks: [.markdown(Self.words)]),
      Section(
        subject: .method, plugin: Self.manifest.id, model: nil, title: "Checks passed", order: 30,
        blocks: [.table(ledgerTable())]),
    ] + truthSections()
  }

  private static let decomposition = """
    A CLIP image embedding is read from one token, the CLS token, at the end of a vision transformer. That token starts as a \
    learnt vector; every layer's attention heads and MLP add to it; a last norm and a projection turn the sum into the \
    embedding. Because everything is added, the embedding can be taken apart: each head wrote one piece, each MLP one, and the \
    start is one. The norm depends on the sum, but once its mean and deviation are known for an image it acts on every piece \
    alone. The pieces of an image sum to its embedding exactly, up to the rounding of 32-bit numbers; the *ledger* below is \
    the largest number by which they miss it.

    A head's piece is itself a sum over the patches that it attends to. That is what heat maps show: the dot product of each \
    patch's part with a text. The part of the CLS token's own key has no place in the image and is left out of maps.

    The decomposition is that of arXiv 2310.05916. No weight is changed and nothing is trained.
    """

  private static let words = """
    **Descriptions** come from TextSpan: of a pool of texts, the one along whose embedding the head's pieces vary most over the \
    probe images; then its direction is removed, and the next one is found. **Labels** are given by hand, or in context: a \
    head gets the property of those labelled examples that its own first descriptions speak of more than the pool does. A head \
    whose lines agree on nothing unusual is labelled *ambiguous*. The **judge** asks of each of the first five descriptions whether the label \
    fits it; CCS counts those that do. Of heads whose lines are drawn by chance about one in eight still gets a label, so read a label \
    together with its lead and CCS.

    **Neighbours** are ranked by the dot product of two pieces, as the published tool does, and by the cosine of the pieces \
    after the mean over the probe images is taken away. The first favours images on which the head writes much, the second \
    those on which it writes the same kind of thing.
    """

  private func ledgerTable() -> Table {
    Table(
      caption: "The ledger: by how much the pieces of an image's embedding miss it at worst.",
      columns: [
        .init("model"),
        .init("worst residual", note: "largest |Σ pieces − embedding| of any component", isNumeric: false),
        .init("images", isNumeric: true), .init("at image"),
      ],
      rows: studies.map { study in
        let worst = study.evidence.gallery.items[study.ledger.worstImage].reference.id
        return [
          .text(study.evidence.title), .text(scientific(Double(study.ledger.worstResidual))),
          .number(Double(study.ledger.images), decimals: 0), .link(worst, .image(worst)),
        ]
      })
  }

  /// Facts of the foot of a model's pages.
  func provenance(of study: ModelStudy) -> [SiteContent.Fact] {
    let configuration = study.loaded.model.configuration
    return [
      .init("weights", "sha256 \(study.loaded.weightsHash.prefix(16))"),
      .init(
        "preprocessing",
        "bicubic to \(configuration.imageSize) px, "
          + (configuration.resize == .shortest ? "centre crop" : "proportions squashed")
          + ", mean \(list(configuration.statistics.mean)), std \(list(configuration.statistics.standardDeviation))"
      ),
    ] + (study.loaded.entry.licence.map { [.init("licence of the weights", $0)] } ?? [])
  }

  private func list(_ values: [Float]) -> String { values.map { "\($0)" }.joined(separator: " ") }

  /// What `{{value KEY}}` may name, as it is printed.
  func values() -> [String: String] {
    var values: [String: String] = [:]
    for (study, truth) in zip(studies, truths) {
      let model = "model/\(study.evidence.model)"
      values["\(model)/ledger"] = scientific(Double(study.ledger.worstResidual))
      values["\(model)/heads"] = "\(study.shape.headCount)"
      values["\(model)/shared-label-share"] = fixed(study.report.sharedLabelShare, decimals: 3)
      values["\(model)/unique-label-share"] = fixed(study.report.uniqueLabelShare, decimals: 3)
      if let association = study.report.associationScore {
        values["\(model)/association"] = fixed(association, decimals: 3)
      }
      values.merge(truthValues(study, truth)) { $1 }
      for layer in 0..<study.shape.layers {
        let share = study.evidence.heads.filter { $0.head.layer == layer }.reduce(0) { $0 + $1.variance }
        values["\(Subject.layer(model: study.evidence.model, layer: layer).path)/variance"] = fixed(share, decimals: 3)
      }
      for head in study.evidence.heads {
        let path = Subject.head(model: study.evidence.model, head: head.head).path
        values["\(path)/label"] = head.label
        values["\(path)/variance"] = fixed(head.variance, decimals: 3)
        values["\(path)/consistency"] = head.consistency.map { "\($0)" } ?? "not judged"
        values["\(path)/explained-variance"] = fixed(head.descriptions.last?.explainedVariance ?? 0, decimals: 3)
        for (index, line) in head.descriptions.prefix(5).enumerated() {
          values["\(path)/description/\(index + 1)"] = line.text
        }
      }
      for property in study.evidence.properties {
        values["\(model)/property/\(property.id)/heads"] = "\(property.heads.count)"
      }
    }
    return values
  }
}
