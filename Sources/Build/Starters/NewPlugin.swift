import Diagnostics
import Files
import Foundation

/// A plugin to begin with: a program that works, its description, its page and its test, from `Templates/plugins`.
package enum NewPlugin: String, Sendable, CaseIterable {
  case python
  case shell
  case swift

  /// Writes it into a new folder.
  ///
  /// - Parameters:
  ///   - id: its identifier, and the folder's name.
  ///   - parent: the folder that the new one is made in.
  /// - Returns: the paths of its files.
  /// - Throws: `FileError`, `BuildError.newPlugin` where the name is none or the folder is there.
  package func write(_ id: String, in parent: String) throws -> [String] {
    guard isFileName(id), id.utf8.allSatisfy({ $0 < 0x80 }), id == id.lowercased() else {
      throw BuildError.newPlugin(
        "\(quoted(id)) cannot be its name; expected small letters, digits and -, such as my-plugin")
    }
    let folder = "\(parent)/\(id)"
    guard FileKind(of: folder, followsLinks: false) == nil else {
      throw BuildError.newPlugin("\(folder): there is something already; choose another name or --in another folder")
    }
    let templates = try templatesFolder()
    let title = id.split(separator: "-").joined(separator: " ")
    let words = [
      "ID": id, "TITLE": title.prefix(1).uppercased() + title.dropFirst(), "MODULE": id.replacing("-", with: "_"),
      "SOURCES": self == .swift ? try sources(beside: templates) : "",
    ]
    let source = "\(templates)/plugins/\(rawValue)"
    let names = try FileManager.default.subpathsOfDirectory(atPath: source).sorted()
    return try names.filter { FileKind(of: "\(source)/\($0)") == .file }.map { name in
      let path = "\(folder)/\(name.replacing("MODULE", with: words["MODULE"] ?? ""))"
      try makeFolder(Files.folder(of: path))
      let text = words.reduce(try readText("\(source)/\(name)")) { $0.replacing("<\($1.key)>", with: $1.value) }
      try writeFile(text.utf8, to: path)
      if access("\(source)/\(name)", X_OK) == 0, chmod(path, 0o755) != 0 { throw FileError.failedWrite(path) }
      return path
    }
  }

  /// The package of headatlas, which a plugin in Swift is built with.
  private func sources(beside templates: String) throws -> String {
    let root = Files.folder(of: templates)
    guard FileKind(of: root + "/Package.swift") == .file else {
      throw BuildError.newPlugin(
        "\(root) has no Package.swift; a plugin in Swift is built with the sources of headatlas")
    }
    return realPath(root) ?? root
  }
}
