/// A figure that says how well an activation goes with which images show a label.
public enum LabelStatistic: String, Sendable, CaseIterable {
  case pearson = "Pearson correlation"
  case averagePrecision = "AUPRC"
  /// Those below score no label: they are shown to be compared.
  case areaUnderCurve = "AUC"
  case recall

  /// Whether the figure is used to score labels.
  public var isUsed: Bool { self == .pearson || self == .averagePrecision }

  /// - Parameter shown: whether, or how much, each image shows the label.
  func value(_ activation: [Double], _ shown: [Double]) -> Double {
    let isPositive = shown.map { $0 > 0 }
    switch self {
    case .pearson: return Self.correlation(activation, shown)
    case .averagePrecision: return Self.averagePrecision(of: activation, isPositive: isPositive)
    case .areaUnderCurve: return Self.area(activation, isPositive)
    case .recall:
      let count = isPositive.count { $0 }
      // Of those that show it, those that are among the tenth of the highest activation.
      let high = LabelImageScores.largest(max(1, activation.count / 10), of: activation)
      return count == 0 ? 0 : Double(zip(high, isPositive).count { $0 && $1 }) / Double(count)
    }
  }

  /// 0 where one of them does not vary.
  package static func correlation(_ left: [Double], _ right: [Double]) -> Double {
    let number = Double(left.count)
    let (leftMean, rightMean) = (left.reduce(0, +) / number, right.reduce(0, +) / number)
    var (both, leftSquares, rightSquares) = (0.0, 0.0, 0.0)
    for (a, b) in zip(left, right) {
      both += (a - leftMean) * (b - rightMean)
      leftSquares += (a - leftMean) * (a - leftMean)
      rightSquares += (b - rightMean) * (b - rightMean)
    }
    let scale = (leftSquares * rightSquares).squareRoot()
    return scale > 0 ? both / scale : 0
  }

  /// The mean precision at each positive, from the highest activation down; ties to the lower place.
  package static func averagePrecision(of activation: [Double], isPositive: [Bool]) -> Double {
    let order = activation.indices.sorted { (activation[$1], $0) < (activation[$0], $1) }
    var (found, sum) = (0, 0.0)
    for (rank, place) in order.enumerated() where isPositive[place] {
      found += 1
      sum += Double(found) / Double(rank + 1)
    }
    return found == 0 ? 0 : sum / Double(found)
  }

  /// The share of pairs of a positive and a negative in which the positive is higher.
  private static func area(_ activation: [Double], _ isPositive: [Bool]) -> Double {
    let order = activation.indices.sorted { (activation[$0], $0) < (activation[$1], $1) }
    var (below, pairs) = (0, 0)
    for place in order {
      if isPositive[place] { pairs += below } else { below += 1 }
    }
    let positives = isPositive.count { $0 }
    return positives == 0 || below == 0 ? 0.5 : Double(pairs) / Double(positives * below)
  }
}
