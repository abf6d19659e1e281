import CCommonMark
import Foundation

/// Turns CommonMark into HTML without anything that could harm a reader.
///
/// Raw HTML is left out. A link leads to `http(s)`, to `mailto` or to a file of the site; any other link
/// (`javascript:`, `data:`, `file:`, another host's `//`) is replaced by its text. A link that starts with `/` starts at the
/// root of the site, so that the same text works on every page. Images are files of the site. Headings start at
/// `headingLevel` and skip no level, whatever their levels in the text.
///
/// - Parameter leads: what becomes of a link or an image; nil where the rules above decide.
func markdown(
  _ text: String, headingLevel: Int, page: Address, leads: (MarkdownLink) -> MarkdownLink.Outcome? = { _ in nil }
) -> Markup {
  guard let document = parsed(text) else { return "" }
  defer { cmark_node_free(document) }
  makeHarmless(document, headingLevel: headingLevel, page: page, leads)
  guard let html = cmark_render_html(document, CMARK_OPT_DEFAULT) else { return "" }
  defer { free(html) }
  return Markup(trusted: String(cString: html))
}

/// The words of a Markdown text, with a space between its blocks.
func plainWords(ofMarkdown text: String) -> String {
  guard let document = parsed(text) else { return "" }
  defer { cmark_node_free(document) }
  return words(in: document)
}

/// A link or an image of a Markdown text.
struct MarkdownLink {
  enum Outcome {
    /// It leads there.
    case address(String)
    /// The element that stands in its place.
    case element(Markup)
  }

  let target: String
  let isImage: Bool
  /// From 1; 0 where it is not known.
  let line: Int
  /// The words of an image, for readers who do not see it.
  let alternative: String
}

private func parsed(_ text: String) -> OpaquePointer? {
  // The two characters that override the direction of text are replaced here as everywhere (see `Markup`).
  let safe = text.replacing("\u{202D}", with: "\u{FFFD}").replacing("\u{202E}", with: "\u{FFFD}")
  let bytes = Array(safe.utf8)
  return bytes.withUnsafeBytes { buffer in
    cmark_parse_document(
      buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count, CMARK_OPT_VALIDATE_UTF8)
  }
}

private func words(in node: OpaquePointer) -> String {
  var pieces: [String] = []
  guard let iterator = cmark_iter_new(node) else { return "" }
  defer { cmark_iter_free(iterator) }
  while true {
    let event = cmark_iter_next(iterator)
    if event == CMARK_EVENT_DONE { break }
    guard let node = cmark_iter_get_node(iterator) else { continue }
    switch cmark_node_get_type(node) {
    case CMARK_NODE_TEXT, CMARK_NODE_CODE, CMARK_NODE_CODE_BLOCK:
      if let text = cmark_node_get_literal(node) { pieces.append(String(cString: text)) }
    case CMARK_NODE_SOFTBREAK, CMARK_NODE_LINEBREAK, CMARK_NODE_PARAGRAPH, CMARK_NODE_HEADING, CMARK_NODE_ITEM:
      pieces.append(" ")
    default: break
    }
  }
  return pieces.joined().split(whereSeparator: \.isWhitespace).joined(separator: " ")
}

private func makeHarmless(
  _ document: OpaquePointer, headingLevel: Int, page: Address, _ leads: (MarkdownLink) -> MarkdownLink.Outcome?
) {
  var headings = HeadingLevels(first: headingLevel)
  var refused: [OpaquePointer] = []
  var elements: [(node: OpaquePointer, markup: Markup)] = []
  guard let iterator = cmark_iter_new(document) else { return }
  while true {
    let event = cmark_iter_next(iterator)
    if event == CMARK_EVENT_DONE { break }
    guard event == CMARK_EVENT_ENTER, let node = cmark_iter_get_node(iterator) else { continue }
    switch cmark_node_get_type(node) {
    case CMARK_NODE_HEADING:
      cmark_node_set_heading_level(node, Int32(headings.level(for: Int(cmark_node_get_heading_level(node)))))
    case CMARK_NODE_LINK, CMARK_NODE_IMAGE:
      let isImage = cmark_node_get_type(node) == CMARK_NODE_IMAGE
      let target = cmark_node_get_url(node).map { String(cString: $0) } ?? ""
      let link = MarkdownLink(
        target: target, isImage: isImage, line: line(of: node), alternative: isImage ? words(in: node) : "")
      switch leads(link) {
      case .address(let address): cmark_node_set_url(node, address)
      case .element(let markup): elements.append((node, markup))
      case nil:
        if let address = harmlessAddress(target, isImage: isImage, page: page) {
          cmark_node_set_url(node, address)
        } else {
          refused.append(node)
        }
      }
    default: break
    }
  }
  cmark_iter_free(iterator)
  for node in refused { replaceByItsChildren(node) }
  for (node, markup) in elements { replace(node, by: markup) }
}

private func line(of node: OpaquePointer) -> Int {
  var place: OpaquePointer? = node
  while let node = place {
    let line = Int(cmark_node_get_start_line(node))
    if line > 0 { return line }
    place = cmark_node_parent(node)
  }
  return 0
}

private func replace(_ node: OpaquePointer, by markup: Markup) {
  guard let element = cmark_node_new(CMARK_NODE_CUSTOM_INLINE) else { return }
  cmark_node_set_on_enter(element, markup.html)
  cmark_node_insert_before(node, element)
  cmark_node_free(node)
}

private func replaceByItsChildren(_ node: OpaquePointer) {
  while let child = cmark_node_first_child(node) { cmark_node_insert_before(node, child) }
  cmark_node_free(node)
}

/// The address as it is written into the page; nil where it is refused.
func harmlessAddress(_ target: String, isImage: Bool, page: Address) -> String? {
  // Browsers drop spaces and control characters before and tabs and newlines inside an address.
  let compact = target.unicodeScalars.filter { $0.value > 0x20 && $0.value != 0x7F }
  let address = String(String.UnicodeScalarView(compact))
  if address.hasPrefix("//") || address.hasPrefix("\\") || address.hasPrefix("/\\") { return nil }
  if address.hasPrefix("/") {
    let parts = address.dropFirst().split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    guard let path = parts.first, !path.split(separator: "/").contains("..") else { return nil }
    let link = page.link(to: Address(percentDecoded(path)))
    return parts.count > 1 ? "\(link)#\(parts[1])" : link
  }
  guard let scheme = scheme(of: address) else { return address.isEmpty ? nil : address }
  return !isImage && ["http", "https", "mailto"].contains(scheme) ? address : nil
}

/// Assigns levels to headings: they start at a given level, skip none, and keep the order of their ranks.
private struct HeadingLevels {
  let first: Int
  /// The original ranks of the headings above the current one.
  private var open: [Int] = []

  init(first: Int) { self.first = first }

  mutating func level(for rank: Int) -> Int {
    while let last = open.last, last >= rank { open.removeLast() }
    open.append(rank)
    return min(6, first + open.count - 1)
  }
}
