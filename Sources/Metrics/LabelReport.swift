import Files
import Foundation

/// Entanglement and association of one model's head labels.
///
/// `LabelReport.definitions` says what every figure means.
public struct LabelReport: Sendable, Equatable, Codable {
  /// All heads of the table.
  public let heads: Int
  /// Heads with a label; "ambiguous" and the empty label are none.
  ///
  /// The shares below are of these.
  public let labelledHeads: Int
  /// 0 where no head is labelled, as are the other shares.
  public let sharedLabelShare: Double
  public let uniqueLabelShare: Double
  public let sharedLabelShareSizeCorrected: Double
  /// How many heads the size-corrected share is of: 48, or all labelled heads where there are fewer.
  public let sizeCorrectedHeads: Int
  /// How many heads have been judged; the figures below are of these, and nil where there are none.
  public let judgedHeads: Int?
  public let associationScore: Double?
  /// Six shares, for K from 0 to 5.
  public let ccsAtK: [Double]?
  /// Heads with a CCS of 5, of 3, and of 1 or less, as the study counts them.
  public let ccsHigh: Int?
  public let ccsModerate: Int?
  public let ccsLow: Int?
  /// Nil also where no head has a high CCS.
  public let ccr: Double?

  enum CodingKeys: String, CodingKey {
    case heads
    case labelledHeads = "labelled_heads"
    case sharedLabelShare = "shared_label_share"
    case uniqueLabelShare = "unique_label_share"
    case sharedLabelShareSizeCorrected = "shared_label_share_size_corrected"
    case sizeCorrectedHeads = "size_corrected_heads"
    case judgedHeads = "judged_heads"
    case associationScore = "association_score"
    case ccsAtK = "ccs_at_k"
    case ccsHigh = "ccs_high"
    case ccsModerate = "ccs_moderate"
    case ccsLow = "ccs_low"
    case ccr
  }

  /// The number of heads that models are compared at: the last four layers of a ViT-B.
  public static let comparedHeads = 48

  /// - Parameters:
  ///   - labels: head → label.
  ///   - judgements: head → five judgements, 1 where a description fits the head's label and 0 where not; heads may be
  ///     missing, but every judged head needs a label.
  /// - Throws: `LabelReportError`.
  public init(labels: [String: String], judgements: [String: [Int]]? = nil) throws {
    let table = labels.sorted { $0.key < $1.key }.filter { ComparedLabel($0.value).isGiven }
    let names = table.map { ComparedLabel($0.value) }
    let partners = names.map { name in names.count { $0.isShared(with: name) } - 1 }
    heads = labels.count
    labelledHeads = names.count
    let unique = partners.count { $0 == 0 }
    uniqueLabelShare = names.isEmpty ? 0 : Double(unique) / Double(names.count)
    sharedLabelShare = names.isEmpty ? 0 : Double(names.count - unique) / Double(names.count)
    sizeCorrectedHeads = min(names.count, Self.comparedHeads)
    sharedLabelShareSizeCorrected = Self.expectedShare(partners: partners, sample: sizeCorrectedHeads)

    let scores = try judgements.map { try Self.consistency($0, labels: labels) } ?? []
    guard !scores.isEmpty else {
      (judgedHeads, associationScore, ccsAtK, ccsHigh, ccsModerate, ccsLow, ccr) = (nil, nil, nil, nil, nil, nil, nil)
      return
    }
    judgedHeads = scores.count
    associationScore = Double(scores.count { $0.score >= 3 }) / Double(scores.count)
    ccsAtK = (0...5).map { rank in Double(scores.count { $0.score == rank }) / Double(scores.count) }
    ccsHigh = scores.count { $0.score == 5 }
    ccsModerate = scores.count { $0.score == 3 }
    ccsLow = scores.count { $0.score <= 1 }
    let high = scores.filter { $0.score == 5 }.map(\.label)
    ccr = high.isEmpty ? nil : Double(Self.sharedProperties(high)) / Double(high.count)
  }

  /// The expected shared-label share of `sample` heads drawn from all without replacement.
  ///
  /// A head with d partners among the n − 1 others is alone in the draw with probability C(n−1−d, m−1) / C(n−1, m−1).
  private static func expectedShare(partners: [Int], sample: Int) -> Double {
    guard sample > 0 else { return 0 }
    let others = partners.count - 1
    let shares = partners.map { count -> Double in
      // The draws avoid the d partners one after the other: Π (n−1−d−i) / (n−1−i), i < m−1.
      let alone = (0..<sample - 1).reduce(1.0) { $0 * Double(max(others - count - $1, 0)) / Double(others - $1) }
      return 1 - alone
    }
    return shares.reduce(0, +) / Double(shares.count)
  }

  private static func consistency(
    _ judgements: [String: [Int]], labels: [String: String]
  ) throws -> [(label: ComparedLabel, score: Int)] {
    try judgements.sorted { $0.key < $1.key }.map { head, values in
      guard let label = labels[head] else { throw LabelReportError.unlabelled(head: head) }
      guard values.count == 5, values.allSatisfy({ $0 == 0 || $0 == 1 }) else {
        throw LabelReportError.judgements(head: head, found: values)
      }
      return (ComparedLabel(label), values.reduce(0, +))
    }
  }

  /// The number of properties that more than one of the labels names; labels chained by the prefix rule are one.
  private static func sharedProperties(_ labels: [ComparedLabel]) -> Int {
    var groups: [[ComparedLabel]] = []
    for label in labels where label.isGiven {
      let joined = groups.filter { $0.contains { $0.isShared(with: label) } }
      groups.removeAll { $0.contains { $0.isShared(with: label) } }
      groups.append(joined.joined() + [label])
    }
    return groups.count { $0.count > 1 }
  }
}

extension LabelReport {
  /// One JSON object with sorted keys, two spaces of indentation, and no line end after it.
  package var json: String {
    get throws { try jsonText(self) }
  }

  /// Reports by model, as one JSON object.
  package static func json(_ reports: [String: LabelReport]) throws -> String { try jsonText(reports) }
}

/// Why labels and judgements make no report.
package enum LabelReportError: Error, Equatable, CustomStringConvertible {
  case unlabelled(head: String)
  case judgements(head: String, found: [Int])

  package var description: String {
    switch self {
    case .unlabelled(let head):
      "judgements of \(head): no such head among the labels; give it a label or take its judgements out"
    case .judgements(let head, let found):
      "judgements of \(head): found \(found.prefix(8)), expected five numbers, each 0 or 1"
    }
  }
}

/// A label as the study compares it: ignoring case, and shared where one label is a prefix of the other, so that
/// "Animal" and "Animals" are one.
struct ComparedLabel {
  /// Scalars, since a prefix of characters may not be one of text.
  let scalars: [Unicode.Scalar]

  init(_ label: String) {
    scalars = Array(label.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ").unicodeScalars)
  }

  var isGiven: Bool { !scalars.isEmpty && scalars != Array("ambiguous".unicodeScalars) }

  func isShared(with other: ComparedLabel) -> Bool {
    scalars.starts(with: other.scalars) || other.scalars.starts(with: scalars)
  }
}
