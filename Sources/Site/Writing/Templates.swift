import Diagnostics
import Files
import Foundation
import Mustache

/// The mustache templates of pages; a file in a user's own folder replaces the default of the same name.
///
/// Every page is `layout.mustache` with its partials. The values of templates are `Markup`, which is escaped already and is
/// printed unchanged, with two braces or three: a template cannot forget to escape.
struct Templates: Sendable {
  private let library: MustacheLibrary
  private let layout: MustacheTemplate

  /// - Throws: `SiteError.missingTemplate`, `.template`; `FileError`.
  init(_ options: SiteOptions) throws {
    var library = MustacheLibrary()
    var files: [String: (file: String, text: String)] = [:]
    for (name, file) in templateFiles(options, in: "") where name.hasSuffix(Self.ending) {
      files[String(name.dropLast(Self.ending.count))] = (file, try readText(file, limit: Self.longest))
    }
    do throws(TemplateTags.Problem) {
      _ = try TemplateTags(files.mapValues(\.text))
    } catch {
      let file = files[error.template]?.file ?? "\(options.templates)/\(error.template)\(Self.ending)"
      throw SiteError.template(file: file, detail: error.words)
    }
    for (name, (file, text)) in files {
      do {
        library.register(try MustacheTemplate(string: Self.unescaped + text), named: name)
      } catch {
        throw SiteError.template(file: file, detail: Self.reason(error))
      }
    }
    guard let layout = library.getTemplate(named: "layout") else {
      throw SiteError.missingTemplate(name: "layout", folder: options.templates)
    }
    self.library = library
    self.layout = layout
  }

  private static let ending = ".mustache"
  /// Bytes that a template may have: the library takes time by the square of the tags in a line.
  private static let longest = 1 << 16
  /// The content type TEXT: values are `Markup`, which is escaped already.
  private static let unescaped = "{{% CONTENT_TYPE: TEXT}}"

  /// What is wrong with a template, with its line.
  private static func reason(_ error: any Error) -> String {
    guard let error = error as? MustacheTemplate.ParserError else { return "\(error)" }
    let line = error.context.line.replacing(unescaped, with: "", maxReplacements: 1)
    return "line \(error.context.lineNumber): a tag or section that is not closed, or not known, in \(quoted(line))"
  }

  func render(_ page: PageView) -> String { layout.render(TemplateValues(page), library: library) }
}

/// Holds the templates of a user against what pages can be made with, and finds what cannot be read.
///
/// - Throws: `SiteError`, `FileError`.
package func checkTemplates(_ options: SiteOptions) throws {
  _ = try Templates(options)
  for (_, path) in try assets(options) {
    guard let kind = FileKind(of: path), kind != .file else { continue }
    throw FileError.wrongKind(path: path, found: kind, expected: "a file")
  }
}

/// The files of `Templates/assets` by name, with the user's in place of the defaults of the same names.
/// - Throws: `SiteError.assetName`.
func assets(_ options: SiteOptions) throws -> [(name: String, path: String)] {
  let files = templateFiles(options, in: "/assets")
  for file in files where !isFileName(file.name) { throw SiteError.assetName(file: file.path) }
  return files
}

/// The files of a folder of the templates and of the user's own, sorted by name; none where there is no such folder.
private func templateFiles(_ options: SiteOptions, in folder: String) -> [(name: String, path: String)] {
  var files: [String: String] = [:]
  for folder in [options.templates, options.overrides].compactMap({ $0.map { $0 + folder } }) {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
      files[name] = "\(folder)/\(name)"
    }
  }
  return files.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
}
