import Analysis
import Diagnostics
import Evaluation

/// Whether the sets that bootstraps give hold what heads follow.
extension TruthPages {
  func labelSetBlocks() -> [Block] {
    setBlocks(
      "Label sets against what heads follow: of the heads that follow a fact that is a property, the share whose set with "
        + "\(percent(HeadStability.coverage)) coverage of the bootstraps holds that very property. Bootstraps say how much a label owes to the sample of images and "
        + "texts, not whether the labeller reads them rightly: coverage below \(percent(HeadStability.coverage)) is the part of its errors that no other sample would mend.",
      \.labelSets)
      + setBlocks(
        "Sets of properties by evidence against the same: the properties that the head varies with most in \(percent(HeadStability.coverage)) of "
          + "\(HeadEvidence.propertyDraws) draws of the probe images and of the properties' words. No labeller and no description is asked.",
        \.propertySets)
  }

  private func setBlocks(_ caption: String, _ sets: KeyPath<SceneTruth, LabelSetTruth?>) -> [Block] {
    table(
      caption,
      [
        .init("sets"), .init("hold it", isNumeric: true),
        .init("properties", note: "mean number in a set", isNumeric: true), .init("heads", isNumeric: true),
      ]
    ) { model in
      (model.truth[keyPath: sets].map { [$0] } ?? []).flatMap { sets in
        [
          ("as they are", sets.coverage, sets.size),
          ("to compare: the most frequent property alone", sets.first, 1),
          ("control: permuted", sets.permuted, sets.size),
        ].map { name, share, size in
          [
            .text(name), .number(share, decimals: 3), .number(size, decimals: 2),
            .number(Double(sets.heads), decimals: 0),
          ]
        }
      }
    }
  }
}
