import Checkpoints
import Diagnostics
import Files
import Foundation
import Yams

/// A folder of images with what is known of each.
package struct ImageSet: Sendable {
  package struct Object: Sendable {
    package let text: String
    /// Path of a mask on the whole image; written relative to the folder of the images.
    package let mask: String?
    /// Values by name: kind, colour …
    package let facts: [String: String]
  }
  package struct Entry: Sendable {
    package let id: String
    package let path: String
    package let caption: String
    package let credit: String?
    package let licence: String?
    package let objects: [Object]
    /// Values by name: setting, weather …
    package let scene: [String: String]
  }

  /// The images of a set, each made when it is asked for.
  package struct Entries: RandomAccessCollection, Sendable {
    fileprivate let folder: String
    /// File names, in ascending order.
    fileprivate let names: PackedTexts
    fileprivate let records: ImageRecords
    /// The places of those that belong to the set; all where nil.
    fileprivate var chosen: [Int]?

    package var startIndex: Int { 0 }
    package var endIndex: Int { chosen?.count ?? names.count }

    fileprivate func place(_ index: Int) -> Int { chosen?[index] ?? index }

    package subscript(index: Int) -> Entry {
      let place = place(index)
      let name = names[place]
      return records.image(place, id: ImageSet.identifier(ofFile: name), path: folder + "/" + name)
    }
  }

  package let folder: String
  /// In the order of their file names.
  package private(set) var images: Entries

  /// Formats that are read. The content decides, not the name; the name only tells images from other files.
  static let extensions = ["png", "jpg", "jpeg"]

  /// - Parameters:
  ///   - folder: holds the images; other files in it are passed over.
  ///   - captions: a YAML list with an entry per image, which may leave images out.
  /// - Throws: `BuildError`.
  package init(folder: String, captions: String?) throws {
    self.folder = folder
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: folder)
        .filter { Self.extensions.contains(nameAndExtension($0).suffix.lowercased()) }.sorted()
    } catch {
      throw FileError.unreadable(path: folder, reason: systemReason(error))
    }
    guard !names.isEmpty else { throw BuildError.empty(path: folder, expected: "PNG or JPEG images") }
    let records = try captions.map { try Self.records($0, names: names, folder: folder) } ?? ImageRecords(names.count)
    var seen: Set<String> = []
    for name in names where !seen.insert(Self.identifier(ofFile: name)).inserted {
      throw BuildError.duplicate(file: folder, line: 1, kind: "image", id: Self.identifier(ofFile: name))
    }
    images = Entries(folder: folder, names: PackedTexts(names), records: records)
  }

  /// Some of the images, spread evenly over all of them.
  func sample(_ count: Int) -> ImageSet {
    var sample = self
    sample.images.chosen = evenlySpaced(count, of: Array(0..<images.names.count))
    return sample
  }

  fileprivate static func identifier(ofFile name: String) -> String { uniqueSlug(nameAndExtension(name).name) }

  private static func records(_ file: String, names: [String], folder: String) throws -> ImageRecords {
    var records = ImageRecords(names.count)
    try forEachYAMLMapping(
      file, allowed: ["file", "caption", "credit", "licence", "source", "objects", "scene"]
    ) { mapping in
      let name = try mapping.string("file", expected: "the name of an image")
      guard let index = place(of: name, in: names) else {
        throw BuildError.notFound(
          file: file, line: mapping.line(of: "file"), kind: "image", name: name,
          nearest: nearestName(to: name, in: names))
      }
      guard !records.hasRecord(index) else {
        throw BuildError.duplicate(file: file, line: mapping.line(of: "file"), kind: "image", id: name)
      }
      let objects = try mapping.mappings("objects", allowed: ["text", "mask", "scene"])
      records.add(
        index, caption: try mapping.optionalString("caption") ?? "",
        credit: try mapping.optionalString("credit") ?? mapping.optionalString("source"),
        licence: try mapping.optionalString("licence"),
        objects: try objects.map { object in
          Object(
            text: try object.string("text"),
            mask: try object.optionalString("mask").map { resolve($0, in: folder) }, facts: try facts(object))
        }, scene: try facts(mapping))
    }
    records.close()
    return records
  }

  /// Where a name stands among sorted ones.
  private static func place(of name: String, in names: [String]) -> Int? {
    var (low, high) = (0, names.count)
    while low < high {
      let middle = (low + high) / 2
      if names[middle] < name { low = middle + 1 } else { high = middle }
    }
    return low < names.count && names[low] == name ? low : nil
  }

  /// The scalars of `scene`, by name.
  private static func facts(_ mapping: YAMLMapping) throws -> [String: String] {
    guard let node = mapping.node("scene") else { return [:] }
    guard let values = node.mapping else { throw mapping.wrong("scene", yamlKind(node), expected: "a mapping") }
    var facts: [String: String] = [:]
    for (key, value) in values {
      if let name = key.string, let text = value.scalar?.string { facts[name] = text }
    }
    return facts
  }
}

/// `count` of `values`, spread evenly over all of them; all where there are no more.
func evenlySpaced<Value>(_ count: Int, of values: [Value]) -> [Value] {
  guard count < values.count else { return values }
  return (0..<count).map { values[$0 * values.count / count] }
}

/// A curated text.
package struct TextEntry: Sendable {
  package let id: String
  package let text: String

  /// One text a line.
  static func read(_ file: String) throws -> [TextEntry] {
    var seen: [String: Int] = [:]
    return try readLines(file).enumerated().map { index, line in
      let id = uniqueSlug(line)
      guard seen.updateValue(index, forKey: id) == nil else {
        throw BuildError.duplicate(file: file, line: index + 1, kind: "text", id: line)
      }
      return TextEntry(id: id, text: line)
    }
  }
}

/// The lines of a text file, without empty ones and white space around them.
package func readLines(_ file: String) throws -> [String] {
  let lines = try readText(file).split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
    .filter { !$0.isEmpty }
  guard !lines.isEmpty else { throw BuildError.empty(path: file, expected: "one text a line") }
  return lines
}
