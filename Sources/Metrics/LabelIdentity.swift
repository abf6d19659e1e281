import Foundation

/// How much of a head's identity its label carries: the information that labels have of which head it is.
public struct LabelIdentity: Sendable, Equatable {
  /// I(label; head), in bits: the entropy of the labels, since a head has one.
  ///
  /// Heads without a label share having none.
  public let bits: Double
  /// Of log₂ of the number of heads: 0 where all have one label, 1 where each has its own.
  public let share: Double

  /// - Parameter labels: of all heads; nil and "ambiguous" are none. Labels of which one is a prefix of the other are one, ignoring
  ///   case, as the study compares them.
  public init(_ labels: [String?]) {
    var groups: [[ComparedLabel]] = []
    for label in labels.map({ ComparedLabel($0 ?? "") }) {
      func belongs(_ group: [ComparedLabel]) -> Bool {
        group.contains { $0.isGiven == label.isGiven && (!label.isGiven || $0.isShared(with: label)) }
      }
      let joined = groups.filter(belongs).joined()
      groups.removeAll(where: belongs)
      groups.append(joined + [label])
    }
    let number = Double(labels.count)
    // In one order, whichever labels came first.
    bits = groups.map(\.count).sorted().reduce(0) { $0 - Double($1) / number * log2(Double($1) / number) }
    share = labels.count > 1 ? bits / log2(number) : 0
  }
}
