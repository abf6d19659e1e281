import Diagnostics
import Files
import Images

/// Where the links and images of a commentary lead within the site.
struct CommentaryLinks {
  /// A file that lies beside the Markdown, and is copied beside its page.
  struct Attachment {
    let name: String
    let bytes: [UInt8]
    let file: Address
  }

  var pages: [(line: Int, target: String, page: Address)] = []
  /// Files that the site must have once it is written.
  var files: [(line: Int, target: String, file: Address)] = []
  var attachments: [Attachment] = []
  var problems: [(line: Int, words: String)] = []
  /// By their paths from the Markdown's folder.
  var known: [String: KnownFile] = [:]
}

/// Decides where a link of a commentary leads.
///
/// A path from `/` on starts at the root of the site. Any other is that of a file beside the Markdown, where one is there; of a page,
/// where it names the Markdown of another commentary; and else begins at the page.
struct CommentaryLinkReader {
  /// Of the Markdown; nil where it lies in no file of its own.
  private let folder: String?
  /// The folder of the Markdown within those of commentary, as a path of the site.
  private let above: [Substring]
  private let page: Address
  private let firstLine: Int

  /// What a file of a page may weigh.
  private static let mostBytes = 8 << 20
  /// What is offered beside images.
  private static let offered = ["csv", "tsv", "json", "txt", "pdf"]

  init(_ page: Address, folder: String?, firstLine: Int) {
    self.folder = folder
    self.page = page
    above = Array(page.components.dropLast())
    self.firstLine = firstLine
  }

  func outcome(of link: MarkdownLink, _ links: inout CommentaryLinks) -> MarkdownLink.Outcome? {
    let target = String(String.UnicodeScalarView(link.target.unicodeScalars.filter { $0.value > 0x20 }))
    let written = target.prefix { $0 != "#" && $0 != "?" }
    guard scheme(of: target) == nil, !written.isEmpty, !target.hasPrefix("//"), !target.hasPrefix("\\") else {
      return nil
    }
    let line = firstLine + max(link.line, 1) - 1
    let anchor = target.firstIndex(of: "#").map { target[$0...] } ?? ""
    func problem(_ words: String) -> MarkdownLink.Outcome? {
      links.problems.append((line, words))
      return nil
    }
    if written.hasPrefix("/") {
      // Refused as other harmful links are: its words stay.
      guard let path = resolvedPath(written, in: []) else { return nil }
      return lead(to: path, written, anchor, line, target, &links)
    }
    if written.hasSuffix(".md"), !link.isImage {
      guard let path = resolvedPath(written.dropLast(3), in: above) else {
        return problem("\(quoted(target)) leads out of the commentary")
      }
      let other = Address(path == "index" ? "" : path)
      links.pages.append((line, target, other))
      return .address(page.link(to: other.index) + anchor)
    }
    let own = written.split(separator: "/").map(percentDecoded)
    if let folder, !own.contains(".."), FileKind(of: "\(folder)/\(own.joined(separator: "/"))") != nil {
      return attach(own, in: folder, link, line, &links)
    }
    guard let path = resolvedPath(written, in: page.components) else {
      return problem("\(quoted(target)) leads out of the site")
    }
    return lead(to: path, written, anchor, line, target, &links)
  }

  private func lead(
    to path: String, _ written: Substring, _ anchor: Substring, _ line: Int, _ target: String,
    _ links: inout CommentaryLinks
  ) -> MarkdownLink.Outcome? {
    let index = "index.html"
    if path == index || path.hasSuffix("/\(index)") || path.isEmpty || written.hasSuffix("/") {
      let name = path.hasSuffix(index) ? String(path.dropLast(index.count)) : path
      let other = Address(name.hasSuffix("/") ? String(name.dropLast()) : name)
      links.pages.append((line, target, other))
      return .address(page.link(to: other.index) + anchor)
    }
    links.files.append((line, target, Address(path)))
    return nil
  }

  private func attach(
    _ parts: [String], in folder: String, _ link: MarkdownLink, _ line: Int, _ links: inout CommentaryLinks
  ) -> MarkdownLink.Outcome? {
    let name = parts.joined(separator: "/")
    func problem(_ words: String) -> MarkdownLink.Outcome? {
      links.problems.append((line, words))
      return nil
    }
    if let wrong = parts.first(where: { !isFileName($0) }) {
      return problem("\(quoted(wrong)) cannot be the name of a file of the site; expected \(fileNameRule); rename it")
    }
    let path = "\(folder)/\(name)"
    do {
      let known = try links.known[name] ?? CommentaryLinks.KnownFile(path, name, limit: Self.mostBytes)
      links.known[name] = known
      if let failure = known.failure { return problem(failure) }
      guard known.isImage || !link.isImage && Self.offered.contains(known.suffix) else {
        return problem(
          link.isImage
            ? "\(quoted(name)) is no image that pages show, expected a PNG, JPEG or WebP image"
            : "\(quoted(name)) is no file that pages offer, expected an image or \(Self.offered.map { ".\($0)" }.joined(separator: ", "))"
        )
      }
      let file = page.file("commentary/\(name)")
      if !known.isAttached {
        links.attachments.append(.init(name: name, bytes: known.bytes, file: file))
        links.known[name]?.isAttached = true
      }
      guard link.isImage else { return .address(page.link(to: file)) }
      let size = try known.size ?? known.decodedSize(path)
      links.known[name]?.size = size
      return .element(
        imageElement(page.link(to: file), alternative: link.alternative, width: size.width, height: size.height))
    } catch {
      links.known[name]?.failure = "\(error)"
      return problem("\(error)")
    }
  }
}

extension CommentaryLinks {
  /// A file beside the Markdown, which is read once, however often it is named.
  struct KnownFile {
    let bytes: [UInt8]
    let isImage: Bool
    /// In lower case.
    let suffix: String
    /// How large pages show it; nil until one does.
    var size: (width: Int, height: Int)?
    var isAttached = false
    /// Why pages cannot show it, once one could not.
    var failure: String?

    init(_ path: String, _ name: String, limit: Int) throws {
      bytes = try readFile(path, limit: limit)
      isImage = [.png, .jpeg, .webp].contains(FileContent(bytes))
      suffix = nameAndExtension(fileName(name)).suffix.lowercased()
    }

    func decodedSize(_ path: String) throws -> (width: Int, height: Int) {
      let image = try decodeImage(bytes, path: path)
      let isSideways = image.orientation.isSideways
      return (isSideways ? image.height : image.width, isSideways ? image.width : image.height)
    }
  }
}

/// The path of the site that a written path names from a folder on; nil where it is above the root.
func resolvedPath(_ path: Substring, in folder: [Substring]) -> String? {
  var parts = folder.map(String.init)
  for part in path.split(separator: "/") {
    switch part {
    case ".": continue
    case "..":
      if parts.isEmpty { return nil }
      parts.removeLast()
    default: parts.append(percentDecoded(part))
    }
  }
  return parts.joined(separator: "/")
}

/// An `<img>` with its size, so that the page does not move when it loads, as it scrolls into view.
func imageElement(_ link: String, alternative: String, kind: Markup = "", width: Int, height: Int) -> Markup {
  """
  <img\(kind) src="\(link)" alt="\(alternative)" width="\(width)" height="\(height)" loading="lazy" decoding="async">
  """
}
