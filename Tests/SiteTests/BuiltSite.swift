import Analysis
import Foundation
import Site
import TestSupport

/// A site in a temporary folder.
struct BuiltSite {
  let folder: String

  /// Writes the demonstration, changed by `change`, and removes it when `body` returns.
  static func with<Result>(
    word: String = "", options: SiteOptions = Demonstration.options,
    change: (inout SiteContent) -> Void = { _ in }, _ body: (BuiltSite) throws -> Result
  ) throws -> Result {
    try Fixtures.withTemporaryFolder { place in
      let images = place + "/images"
      try FileManager.default.createDirectory(atPath: images, withIntermediateDirectories: true)
      var content = try Demonstration.content(images: images, word: word)
      change(&content)
      _ = try writeSite(content, options: options, to: place + "/site") { _ in }
      return try body(BuiltSite(folder: place + "/site"))
    }
  }

  /// The HTML of a page that shows one block and nothing else.
  static func withPage(of block: Block, _ body: (String) throws -> Void) throws {
    try with(change: { content in
      content.sections = [Section(subject: .metrics, plugin: "metrics", model: nil, title: "T", blocks: [block])]
    }) { site in try body(site.text("metrics/index.html")) }
  }

  /// The message of the error on writing the demonstration, changed by `change`; nil where there is none.
  static func failure(_ change: (inout SiteContent) -> Void) throws -> String? {
    do {
      try with(change: change) { _ in }
      return nil
    } catch let error as SiteError {
      return error.description
    }
  }

  var files: [String] {
    let paths = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    return paths.filter { path in
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: "\(folder)/\(path)", isDirectory: &isFolder) && !isFolder.boolValue
    }.sorted()
  }

  func data(_ file: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(file)")) }

  func text(_ file: String) throws -> String { String(decoding: try data(file), as: UTF8.self) }

  func replace(_ old: String, with new: String, in file: String) throws {
    try write(try text(file).replacingOccurrences(of: old, with: new), to: file)
  }

  func write(_ text: String, to file: String) throws {
    let url = URL(fileURLWithPath: "\(folder)/\(file)")
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }
}

extension SiteContent {
  /// Adds a section of one block to the page of metrics.
  mutating func add(_ block: Block) {
    sections.append(Section(subject: .metrics, plugin: "p", model: nil, title: "T", blocks: [block]))
  }

  /// Adds commentary to the page of a path.
  mutating func comment(_ source: String, on path: String = "method", file: String = "commentary/method.md") {
    commentary.append(.init(file: file, subjectPath: path, source: source))
  }
}
