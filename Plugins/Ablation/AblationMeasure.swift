import Diagnostics
import Evaluation

/// One of the numbers that are shown of each part.
struct AblationMeasure: Sendable {
  let title: String
  let note: String
  /// Along the vertical axis of a curve; nil for a measure without one.
  let axis: String?
  let decimals: Int
  let value: @Sendable (AblationMeasures) -> Double?

  private static let all = [
    AblationMeasure(
      title: "similarity", note: "mean dot product with the own caption", axis: "mean similarity with the own caption",
      decimals: 4,
      value: { $0.similarity }),
    AblationMeasure(
      title: "1/rank", note: "mean over images, of the own caption among all",
      axis: "mean of 1/rank of the own caption",
      decimals: 3, value: { $0.reciprocalRank }),
    AblationMeasure(
      title: "first", note: "share whose own caption ranks first", axis: nil, decimals: 3, value: { $0.firstShare }),
    AblationMeasure(
      title: "accuracy", note: "share whose class is the nearest", axis: "accuracy among the classes", decimals: 3,
      value: { $0.accuracy }),
  ]

  /// Those that are known of a study, so that each has a value for every part.
  static func known(in study: AblationStudy) -> [AblationMeasure] { all.filter { $0.value(study.whole) != nil } }

  func of(_ measures: AblationMeasures) -> Double { value(measures) ?? 0 }

  /// How much it differs from what it is with everything.
  func change(_ measures: AblationMeasures, from whole: AblationMeasures) -> Double { of(measures) - of(whole) }

  /// A number with its sign.
  func signed(_ number: Double) -> String { (number > 0 ? "+" : "") + fixed(number, decimals: decimals) }
}
