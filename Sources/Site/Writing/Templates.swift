import Files
import Mustache

/// The mustache templates of the atlas's pages, each of which a user's own folder may replace.
///
/// Every page is `layout.mustache` with its partials. Templates are given `Markup` only, which is escaped already, and
/// they print it as it stands, with two braces or three: a template cannot forget to escape.
struct Templates: Sendable {
  private let library: MustacheLibrary
  private let layout: MustacheTemplate

  /// - Throws: `SiteError.missingTemplate`, `.template`; `FileError`.
  init(_ options: SiteOptions) throws {
    var files: [String: String] = [:]
    for folder in [options.templates] + (options.overrides.map { [$0] } ?? []) {
      for name in fileNames(in: folder) where name.hasSuffix(Self.ending) {
        files[String(name.dropLast(Self.ending.count))] = "\(folder)/\(name)"
      }
    }
    var library = MustacheLibrary()
    for (name, file) in files.sorted(by: { $0.key < $1.key }) {
      let text = String(decoding: try readFile(file), as: UTF8.self)
      do {
        library.register(try MustacheTemplate(string: Self.unescaped + text), named: name)
      } catch {
        throw SiteError.template(file: file, detail: "\(error)")
      }
    }
    guard let layout = library.getTemplate(named: "layout") else {
      throw SiteError.missingTemplate(name: "layout", folder: options.templates)
    }
    self.library = library
    self.layout = layout
  }

  private static let ending = ".mustache"
  /// The content type TEXT: values are `Markup`, which must not be escaped twice.
  private static let unescaped = "{{% CONTENT_TYPE: TEXT}}"

  func render(_ page: PageView) -> String { layout.render(page, library: library) }
}

/// What templates see. Every text is `Markup`, so nothing here can be unescaped.
struct PageView {
  struct Link {
    let title: Markup
    let link: Markup
  }
  struct Entry {
    let title: Markup
    let link: Markup
    let isCurrent: Bool
  }
  struct Fact {
    let name: Markup
    let value: Markup
  }
  /// `head`, `image` … for the style sheet.
  let kind: Markup
  let documentTitle: Markup
  /// The way to the root of the site, with a slash at its end; empty at the root.
  let root: Markup
  let scripts: [Link]
  let siteTitle: Markup
  let home: Markup
  let navigation: [Entry]
  let trail: [Link]
  let hasTrail: Bool
  let heading: Markup
  let previous: Link?
  let next: Link?
  let contents: [Link]
  let hasContents: Bool
  let body: Markup
  let provenance: [Fact]
  let rebuild: Markup
  let citation: Markup
  let date: Markup
}

/// Files of `Templates/assets` by name; those of the user's folder in place of ours.
func assets(_ options: SiteOptions) throws -> [(name: String, path: String)] {
  var files: [String: String] = [:]
  for folder in [options.templates] + (options.overrides.map { [$0] } ?? []) {
    for name in fileNames(in: "\(folder)/assets") {
      guard isFileName(name) else { throw SiteError.assetName(file: "\(folder)/assets/\(name)") }
      files[name] = "\(folder)/assets/\(name)"
    }
  }
  return files.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
}
