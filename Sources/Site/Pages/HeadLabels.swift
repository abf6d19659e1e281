import Analysis
import Attribution

/// Whether a label names no property, because none fits the head well enough.
func isAmbiguous(_ label: String) -> Bool { label.lowercased() == "ambiguous" || label.isEmpty }

extension SiteContent.Model {
  func label(of head: Head) -> String { labels[shape.index(of: head)] }

  /// Whether it can be said what a head does: it varies with a property beyond chance, or, where no evidence is at hand, has a label.
  func isTold(_ head: Head) -> Bool {
    summary(of: head).flatMap { $0.evidence.isEmpty ? nil : $0.strongest != nil } ?? !isAmbiguous(label(of: head))
  }

  /// How many heads vary with a property, and how many have a label.
  var toldSentence: String {
    let labelled = "\(labels.count { !isAmbiguous($0) }) of \(labels.count) with a label"
    guard summaries.contains(where: { !$0.evidence.isEmpty }) else { return labelled }
    return "\(summaries.count { $0.strongest != nil }) vary with a property beyond chance, \(labelled)"
  }

  /// The heads of every label: labels of many heads first, "ambiguous" last.
  var headsByLabel: [(label: String, heads: [Head])] {
    var heads: [String: [Head]] = [:]
    for head in shape.allHeads { heads[label(of: head), default: []].append(head) }
    return heads.sorted { left, right in
      (isAmbiguous(left.key) ? 1 : 0, -left.value.count, left.key)
        < (isAmbiguous(right.key) ? 1 : 0, -right.value.count, right.key)
    }.map { ($0.key, $0.value) }
  }

  /// The heads whose label is the title of a property.
  func heads(labelled property: SiteContent.PropertyEntry) -> [Head] {
    let title = property.title.lowercased()
    return shape.allHeads.filter { label(of: $0).lowercased() == title }
  }
}
