import Attribution

/// Whether a label names no property, because none fits the head well enough.
func isAmbiguous(_ label: String) -> Bool { label.lowercased() == "ambiguous" || label.isEmpty }

extension SiteContent.Model {
  func label(of head: Head) -> String { labels[shape.index(of: head)] }

  var labelledSentence: String {
    let labelled = labels.filter { !isAmbiguous($0) }.count
    return "\(labelled) of \(labels.count) with a label"
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
