/// A figure as a file of its own: its title, what it shows with axes and legends, and where it is from.
///
/// The file is SVG that needs nothing else: no style sheet, no script, no other file.
struct FigureSheet: Sendable {
  let title: String
  /// For readers who do not see it.
  let description: String
  /// What stands below the title, from top to bottom.
  let parts: [Drawing]

  private static let margin = 20.0
  /// Titles and names of axes need room, however narrow a drawing is.
  private static let leastWidth = 440.0

  /// - Parameter source: the atlas, the page and the hash, which stand at the foot.
  func svg(source: String, style: FigureStyle) -> String {
    let inner = max(Self.leastWidth, parts.map(\.width).max() ?? 0)
    let body = Drawing(
      stacked: [Drawing(title, kind: "title", size: 15, within: inner)] + parts + [
        Drawing(source, kind: "source", size: 9, within: inner)
      ], gap: 14)
    let (width, height) = (inner + 2 * Self.margin, body.height + 2 * Self.margin)
    let size: Markup = "\(coordinate(width.rounded(.up)))"
    let tall: Markup = "\(coordinate(height.rounded(.up)))"
    let content: Markup =
      "<path class=\"paper\" d=\"M0 0h\(size)v\(tall)h-\(size)z\"/>\n\(Drawing(width: width, height: height, content: body.content).moved(right: Self.margin, down: Self.margin))"
    let told: Markup? = description.isEmpty ? nil : "<desc>\(description)</desc>"
    let file: Markup = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(size) \(tall)" width="\(size)" height="\(tall)" role="img">\
      <title>\(title)</title>\(told)
      <style>\(style.rules(for: content))</style>
      \(content)</svg>

      """
    return file.html
  }
}

/// Makes the files of figures: with the style of the site and a line that says where they are from.
struct FigureSheets: Sendable {
  private let style: FigureStyle
  /// The atlas with its hash.
  private let atlas: String
  private let origin: String

  init(_ content: SiteContent, style: FigureStyle) {
    self.style = style
    atlas = content.title
    origin = ([content.shortHash.map { "sha256 \($0)" }] + [content.provenance.first.map { "\($0.name) \($0.value)" }])
      .compactMap(\.self).map { " · \($0)" }.joined()
  }

  func svg(_ sheet: FigureSheet, of page: Address) -> String {
    sheet.svg(source: "\(atlas) · \(page.path.isEmpty ? "index" : page.path)\(origin)", style: style)
  }
}
