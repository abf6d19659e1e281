import CCommonMark
import Foundation

/// Turns CommonMark into HTML without anything that could harm a reader.
///
/// Raw HTML is left out. A link leads to `http(s)`, to `mailto` or to a file of the site; any other link
/// (`javascript:`, `data:`, `file:`, another host's `//`) is replaced by its text. A link that starts with `/` starts at the
/// root of the site, so that the same text works on every page. Images are files of the site. Headings start at
/// `headingLevel` and skip no level, whatever their levels in the text.
func markdown(_ text: String, headingLevel: Int, page: Address) -> Markup {
  // The two characters that override the direction of text are replaced here as everywhere (see `Markup`).
  let safe = text.replacing("\u{202D}", with: "\u{FFFD}").replacing("\u{202E}", with: "\u{FFFD}")
  let bytes = Array(safe.utf8)
  let document = bytes.withUnsafeBytes { buffer in
    cmark_parse_document(
      buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count, CMARK_OPT_VALIDATE_UTF8)
  }
  guard let document else { return "" }
  defer { cmark_node_free(document) }
  makeHarmless(document, headingLevel: headingLevel, page: page)
  guard let html = cmark_render_html(document, CMARK_OPT_DEFAULT) else { return "" }
  defer { free(html) }
  return Markup(trusted: String(cString: html))
}

private func makeHarmless(_ document: OpaquePointer, headingLevel: Int, page: Address) {
  var headings = HeadingLevels(first: headingLevel)
  var refused: [OpaquePointer] = []
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
      if let address = harmlessAddress(target, isImage: isImage, page: page) {
        cmark_node_set_url(node, address)
      } else {
        refused.append(node)
      }
    default: break
    }
  }
  cmark_iter_free(iterator)
  for node in refused { replaceByItsChildren(node) }
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
