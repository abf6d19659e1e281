import Attribution
import CLIP
import Descriptions
import Diagnostics
import Evaluation
import Files
import Foundation

/// Which methods of description are asked for, by the names that `--method` takes.
package struct MethodChoice: Sendable {
  let methods: [DescriptionMethod]

  /// What there is to choose from.
  package static let names = DescriptionMethod.allCases.map(\.rawValue)

  /// All methods where none is named, in the order of `names`.
  ///
  /// - Throws: the first name that no method has.
  package init(_ names: [String]) throws(UnknownMethod) {
    if let name = names.first(where: { DescriptionMethod(rawValue: $0) == nil }) { throw UnknownMethod(name: name) }
    methods = DescriptionMethod.allCases.filter { names.isEmpty || names.contains($0.rawValue) }
  }
}

/// A method that there is not.
package struct UnknownMethod: Error, CustomStringConvertible {
  let name: String

  package var description: String {
    "--method \(quoted(name))\(nearestName(to: name, in: MethodChoice.names).map { ", did you mean \(quoted($0))?" } ?? "; there are \(MethodChoice.names.joined(separator: ", "))")"
  }
}

/// The file that `headatlas describe` writes.
private struct DescribeFile: Codable {
  struct Method: Codable {
    let texts: [String]
    let indices: [Int]
    let explainedVariance: [Double]
    let heldOutVariance: [Double]?
    let likeness: Double?

    enum CodingKeys: String, CodingKey {
      case texts, indices, likeness
      case explainedVariance = "explained_variance"
      case heldOutVariance = "held_out_variance"
    }
  }
  struct End: Codable {
    let texts: [String]
    let weights: [Double]
    let fidelity: Double
  }
  struct Direction: Codable {
    let share: Double
    let axis: [Float]
    let high: End
    let low: End
  }
  struct HeadEntry: Codable {
    /// By the name that `--method` takes.
    let methods: [String: Method]
    let directions: [Direction]
  }
  struct Chance: Codable {
    let mean: Double
    let lowest: Double
    let highest: Double
  }
  let model: String
  let count: Int
  let rank: Int
  /// Of five texts drawn at random.
  let chanceLikeness: Chance?
  /// By padded name, `L08.H00`.
  let heads: [String: HeadEntry]

  enum CodingKeys: String, CodingKey {
    case model, count, rank, heads
    case chanceLikeness = "chance_likeness"
  }
}

/// Describes heads by several methods, with how much of each head the texts are and how like each other they are.
package func describeHeads(
  _ options: TextSpanOptions, by methods: MethodChoice, progress: any ProgressReporter
) throws {
  let methods = methods.methods
  let output = try outputPath(options.output)
  let asked = try HeadsToDescribe(options, progress: progress)
  let describer = HeadDescriber(texts: asked.pool, count: options.count, rank: options.rank)
  let found = try asked.map { statistics, place in
    try describer.describe(
      statistics, basis: asked.model.spaces[place].basis, white: asked.model.whiteCovariances[place], by: methods)
  }
  if let remark = remarkOnUndescribed(
    found.count { $0.methods.allSatisfy(\.texts.isEmpty) }, of: found.count,
    images: asked.statistics.first?.whole.count ?? 0)
  {
    progress.remark(remark)
  }
  let readability = Readability(pool: asked.pool)
  func words(_ places: [Int]) -> [String] { places.map { asked.texts[$0] } }
  func end(_ end: DescribedDirection.End) -> DescribeFile.End {
    .init(texts: words(end.texts), weights: end.weights, fidelity: end.fidelity)
  }
  let entries = zip(asked.heads, found).map { head, found in
    (
      head.padded,
      DescribeFile.HeadEntry(
        methods: Dictionary(
          uniqueKeysWithValues: found.methods.map { set in
            (
              set.method.rawValue,
              .init(
                texts: words(set.texts), indices: set.texts, explainedVariance: set.explained,
                heldOutVariance: set.heldOut, likeness: readability?.likeness(of: set.texts))
            )
          }),
        directions: found.directions.map {
          .init(share: $0.share, axis: $0.axis, high: end($0.high), low: end($0.low))
        })
    )
  }
  let file = DescribeFile(
    model: options.model, count: options.count, rank: options.rank,
    chanceLikeness: readability.map { .init(mean: $0.chance, lowest: $0.lowest, highest: $0.highest) },
    heads: Dictionary(uniqueKeysWithValues: entries))
  try writeFile((try jsonText(file) + "\n").utf8, to: output)
}
