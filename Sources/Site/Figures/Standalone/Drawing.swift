/// A part of a figure's file, with the room that it takes, in pixels.
struct Drawing: Sendable {
  let width: Double
  let height: Double
  /// Elements of SVG, from the corner at the top left.
  let content: Markup

  init(width: Double, height: Double, content: Markup) {
    (self.width, self.height, self.content) = (width, height, content)
  }

  /// Drawings one below the other.
  init(stacked drawings: [Drawing], gap: Double) {
    var (content, top): (Markup, Double) = ("", 0)
    for drawing in drawings where drawing.height > 0 {
      if top > 0 { top += gap }
      content += drawing.moved(down: top)
      top += drawing.height
    }
    self.init(width: drawings.map(\.width).max() ?? 0, height: top, content: content)
  }

  /// Drawings in rows of so many, each as wide and as high as the largest.
  init(tiled drawings: [Drawing], columns: Int, gap: Double) {
    let columns = max(1, min(columns, drawings.count))
    let (width, height) = (drawings.map(\.width).max() ?? 0, drawings.map(\.height).max() ?? 0)
    let rows = (drawings.count + columns - 1) / columns
    var content: Markup = ""
    for (place, drawing) in drawings.enumerated() {
      content += drawing.moved(
        right: Double(place % columns) * (width + gap), down: Double(place / columns) * (height + gap))
    }
    self.init(
      width: Double(columns) * (width + gap) - gap, height: max(0, Double(rows) * (height + gap) - gap),
      content: content)
  }

  /// A text in lines that are no longer than `width`.
  ///
  /// - Parameter size: of the letters, as the style has it for the class.
  init(_ text: String, kind: Markup, size: Double, within width: Double) {
    let (lines, leading) = (linesOfText(text, size: size, within: width), (size * 1.35).rounded())
    let shown: [Markup] = lines.enumerated().map { place, line in
      "<text class=\"\(kind)\" x=\"0\" y=\"\(coordinate(Double(place) * leading + size))\">\(line)</text>"
    }
    self.init(
      width: lines.map { widthOfText($0, size: size) }.max() ?? 0, height: Double(lines.count) * leading,
      content: "\(shown)")
  }

  func moved(right: Double = 0, down: Double = 0) -> Markup {
    right == 0 && down == 0
      ? content : "<g transform=\"translate(\(coordinate(right)) \(coordinate(down)))\">\(content)</g>\n"
  }
}

extension Drawing {
  /// The same in a group of a class, for the style.
  func within(_ kind: Markup) -> Drawing {
    Drawing(width: width, height: height, content: "<g class=\"\(kind)\">\(content)</g>")
  }
}

/// About how wide a text is, in pixels: as in the widest typefaces that readers may see it in.
func widthOfText(_ text: String, size: Double) -> Double {
  text.unicodeScalars.reduce(0) { width, scalar in
    switch scalar {
    case " ", "i", "j", "l", "t", "f", "r", "I", ".", ",", ":", ";", "'", "’", "|", "!", "(", ")", "-": width + 0.42
    case "m", "w", "M", "W", "%": width + 0.98
    case "A"..."Z": width + 0.8
    case "\u{0}"..."\u{10FF}": width + 0.64
    // From Hangul on most are as wide as high.
    default: width + 1
    }
  } * size
}

/// A text in lines of whole words; a word longer than a line is broken.
func linesOfText(_ text: String, size: Double, within width: Double) -> [String] {
  var (lines, line) = ([String](), "")
  func fits(_ text: String) -> Bool { widthOfText(text, size: size) <= width }
  for word in text.split(whereSeparator: \.isWhitespace).map(String.init) {
    let longer = line.isEmpty ? word : "\(line) \(word)"
    if fits(longer) {
      line = longer
      continue
    }
    if !line.isEmpty { lines.append(line) }
    line = ""
    for character in word {
      if !line.isEmpty, !fits(line + String(character)) {
        lines.append(line)
        line = ""
      }
      line.append(character)
    }
  }
  return line.isEmpty ? lines : lines + [line]
}
