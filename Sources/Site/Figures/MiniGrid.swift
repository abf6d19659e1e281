import Attribution
import Diagnostics

/// A small drawing of a model's heads that shows the place of a layer or a head: a row per layer, a column per head.
///
/// Heads that vary with a property beyond chance are filled squares (where no evidence is at hand, those with a label), others
/// outlines; the current one is highlighted.
struct MiniGrid {
  let model: SiteContent.Model
  var layer: Int?
  var head: Head?

  var drawing: Markup {
    let shape = model.shape
    var (labelled, ambiguous) = ("", "")
    for place in shape.allHeads {
      let square = "M\(place.head * 4) \(place.layer * 4)h3v3h-3z"
      if model.isTold(place) { labelled += square } else { ambiguous += square }
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
    return "\(place)\(model.shape.layers) layers of \(counted(model.shape.heads, "head")), \(model.toldSentence)"
  }
}
