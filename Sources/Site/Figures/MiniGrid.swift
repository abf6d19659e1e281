import Analysis
import Attribution
import Diagnostics

/// A small drawing of a model's heads, for finding one's place: layers down, heads across. Heads with a label are
/// filled, those without support for one are hollow, the one in question stands out.
struct MiniGrid {
  let model: SiteContent.Model
  var layer: Int?
  var head: Head?

  var drawing: Markup {
    let shape = model.shape
    var (labelled, ambiguous) = ("", "")
    for place in shape.allHeads {
      let square = "M\(place.head * 4) \(place.layer * 4)h3v3h-3z"
      if isAmbiguous(model.label(of: place)) { ambiguous += square } else { labelled += square }
    }
    let row: Markup? = layer.map { layer in
      "<path class=\"row\" d=\"M-1 \(layer * 4 - 1)h\(shape.heads * 4 + 1)v5h-\(shape.heads * 4 + 1)z\"/>"
    }
    let current: Markup? = head.map {
      "<path class=\"current\" d=\"M\($0.head * 4 - 1) \($0.layer * 4 - 1)h5v5h-5z\"/>"
    }
    let (width, height) = (shape.heads * 4 + 3, shape.layers * 4 + 3)
    let scale = shape.layers <= 8 ? 4 : shape.layers <= 16 ? 3 : 2
    return """
      <svg class="mini" viewBox="-2 -2 \(width) \(height)" width="\(width * scale)" height="\(height * scale)" \
      role="img" aria-label="\(sentence)"><path class="labelled" d="\(labelled)"/>\
      <path class="ambiguous" d="\(ambiguous)"/>\
      \(row)\(current)</svg>
      """
  }

  private var sentence: String {
    let place = head.map { "\($0) among " } ?? layer.map { "layer \($0) among " } ?? ""
    return "\(place)\(model.shape.layers) layers of \(counted(model.shape.heads, "head")), \(model.labelledSentence)"
  }
}

/// The label of a head that no property fits well enough.
func isAmbiguous(_ label: String) -> Bool { label.lowercased() == "ambiguous" || label.isEmpty }

extension SiteContent.Model {
  var labelledSentence: String {
    let labelled = labels.filter { !isAmbiguous($0) }.count
    return "\(labelled) of \(labels.count) with a label"
  }

  /// The heads of every label, those of most heads first, "ambiguous" last.
  var headsByLabel: [(label: String, heads: [Head])] {
    var heads: [String: [Head]] = [:]
    for head in shape.allHeads { heads[label(of: head), default: []].append(head) }
    return heads.sorted { left, right in
      (isAmbiguous(left.key) ? 1 : 0, -left.value.count, left.key)
        < (isAmbiguous(right.key) ? 1 : 0, -right.value.count, right.key)
    }.map { ($0.key, $0.value) }
  }

  /// The heads that carry a property: those labelled with its title.
  func heads(carrying property: SiteContent.PropertyEntry) -> [Head] {
    let title = property.title.lowercased()
    return shape.allHeads.filter { label(of: $0).lowercased() == title }
  }
}
