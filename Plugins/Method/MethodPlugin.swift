import Analysis
import Attribution
import Diagnostics

/// How the figures of an atlas come about, and that the decomposition adds up.
public struct MethodPlugin: AnalysisPlugin {
  public static let manifest = PluginManifest(
    id: "method", title: "Method", version: "1.1.0",
    summary: "From an image to its heads and from a head to words, and the residual of the reconstruction.")

  public init() {}

  public func results(for models: [ModelEvidence], options: [String: OptionValue]) throws -> AnalysisResults {
    AnalysisResults(
      sections: [
        section("From an image to its heads", order: 10, .markdown(Self.decomposition)),
        section("From a head to words", order: 20, .markdown(Self.words)),
        section("Checks passed", order: 30, .table(residualTable(models))),
      ] + promptSections(models)
        + (sampled(models).map { [section("A sample of the probe images", order: 39, .markdown($0))] } ?? [])
        + (leftOut(models).map { [section("Images left out", order: 40, .markdown($0))] } ?? []),
      values: models.reduce(into: [:]) { values, model in
        values["\(Subject.model(model.model).path)/ledger"] = scientific(Double(model.residual.largest))
      })
  }

  private func section(_ title: String, order: Int, _ block: Block) -> Section {
    Section(subject: .method, plugin: manifest.id, model: nil, title: title, order: order, blocks: [block])
  }

  private static let decomposition = """
    A CLIP image embedding is read from one token, the CLS token, at the end of a vision transformer. That token starts as a \
    learnt vector; every layer's attention heads and MLP add to it; a last norm and a projection turn the sum into the \
    embedding. Because everything is added, the embedding can be decomposed into contributions: one of each head, one of each MLP, and \
    one of the start. The norm depends on the sum, but once its mean and deviation are known for an image it acts on every contribution \
    separately. The contributions of an image sum to its embedding exactly, up to the rounding of 32-bit numbers; the *reconstruction \
    residual* below is the largest difference.

    A head's contribution is itself a sum over the patches that it attends to. That is what heat maps show: the dot product of each \
    patch's part with a text. The part of the CLS token's own key has no place in the image and is left out of maps.

    The decomposition is that of arXiv 2310.05916. No weight is changed and nothing is trained.
    """

  private static let words = """
    **Descriptions** come from TextSpan: of a pool of texts, the one along whose embedding the head's contributions vary most over the \
    probe images; then its direction is removed, and the next one is found. **Labels** are given by hand, or in context: a \
    head gets the property of those labelled examples that its own first descriptions speak of more than the pool does. A head \
    whose descriptions have no unusual property in common is labelled *ambiguous*. The **judge** asks of each of the first five descriptions whether the label \
    fits it; CCS counts those that do. Of heads whose descriptions are drawn at random about one in eight still gets a label, so read a label \
    together with its lead and CCS.

    **Neighbours** are ranked by the dot product of two contributions, as the published tool does, and by the cosine of the contributions \
    after the mean over the probe images is subtracted. The first favours images on which the head writes much, the second \
    those on which it writes the same kind of thing.
    """

  /// The prompts of all labellers as they stand in their files, each labeller once.
  private func promptSections(_ models: [ModelEvidence]) -> [Section] {
    var known: Set<String> = []
    let labellers = models.flatMap(\.labellers).filter { !$0.prompts.isEmpty && known.insert($0.id).inserted }
    guard !labellers.isEmpty else { return [] }
    let prompts = labellers.flatMap { labeller in
      labeller.prompts.flatMap { [code("\(labeller.title): \($0.title)", fence: false), code($0.text, fence: true)] }
    }
    return [
      Section(
        subject: .method, plugin: manifest.id, model: nil, title: "Prompts of language models", order: 25,
        blocks: [.markdown(Self.asking), .markdown(prompts.joined(separator: "\n\n"))])
    ]
  }

  /// Text that is shown as it is, whatever is in it: between more backquotes than stand in it anywhere.
  private func code(_ text: String, fence: Bool) -> String {
    let runs = text.split { $0 != "`" }.map(\.count)
    let quotes = String(repeating: "`", count: max(fence ? 3 : 1, (runs.max() ?? 0) + 1))
    guard !fence else { return "\(quotes)\n\(text)\n\(quotes)" }
    return "\(quotes) \(text.split(whereSeparator: \.isNewline).joined(separator: " ")) \(quotes)"
  }

  private static let asking = """
    A language model is asked for each head once with every seed; with each seed but the first the worked examples stand in another \
    order. The label is what most answers give. Answers are one label where they differ in case, marks around them, hyphens or a plural; a \
    property's own title is kept where it is one of them. An answer that cannot be read is asked for again with what was wrong, \
    at most twice; then the head has *failed* and counts in no score. Where answers are limited to the properties and the server \
    tells probabilities, each property's is held against what it has for lines that say nothing. All replies are kept with the atlas, \
    and pages are made from them without a request. Below are the prompts, word for word: {{lines}} and {{line}} stand for the texts of a head, \
    {{label}} for a label.
    """

  /// What is to be said of images that could not be read; nil where all could.
  private func leftOut(_ models: [ModelEvidence]) -> String? {
    // All models have the same images.
    guard let model = models.first else { return nil }
    let sets = [
      ("probe set", model.probe.imageCount, model.probe.unreadable),
      ("gallery", model.gallery.items.count, model.gallery.unreadable),
    ]
    let parts = sets.filter { $0.2 > 0 }.map { "\($0.2) of the \($0.1 + $0.2) images of the \($0.0)" }
    guard !parts.isEmpty else { return nil }
    return "Not everything could be read: \(parts.joined(separator: " and ")) had damaged files and were left out."
  }

  /// What is to be said where single images are looked up in a sample; nil where they are in all.
  private func sampled(_ models: [ModelEvidence]) -> String? {
    guard let probe = models.first?.probe, probe.isSample else { return nil }
    return """
      All that is made from means and covariances, as descriptions, shares and stability are, is of all \(probe.imageCount) probe \
      images. Single ones, as at the ends of directions, among neighbours, in twins and ablation, are looked up in \
      \(probe.items.count) of them, drawn by hashes.
      """
  }

  private func residualTable(_ models: [ModelEvidence]) -> Table {
    Table(
      caption:
        "The reconstruction residual: the largest difference between an image's embedding and the sum of its contributions.",
      columns: [
        .init("model"),
        .init("worst residual", note: "largest |Σ contributions − embedding| of any component", isNumeric: false),
        .init("images", isNumeric: true), .init("at image"),
      ],
      rows: models.filter { !$0.gallery.items.isEmpty }.map { model in
        let worst = model.gallery.items[model.residual.image].reference.id
        return [
          .text(model.title), .text(scientific(Double(model.residual.largest))),
          .number(Double(model.residual.images), decimals: 0), .link(worst, .image(worst)),
        ]
      })
  }
}
