import Files
import Foundation

/// A file or folder of the site by its path from the root, without slashes at either end; the root itself is empty.
struct Address: Hashable, Comparable, Sendable {
  let path: String

  init(_ path: String) { self.path = path }

  /// The page of the atlas.
  static let root = Address("")
  static let search = Address("search")
  static let alphabet = Address("az")
  static func letter(_ letter: String) -> Address { alphabet.file(letter) }
  static let compare = Address("compare")
  static let glossary = Address("glossary")
  static let about = Address("about")

  static func < (left: Address, right: Address) -> Bool { left.path < right.path }

  /// The file of the page in this folder.
  var index: Address { file("index.html") }

  func file(_ name: String) -> Address { Address(path.isEmpty ? name : "\(path)/\(name)") }

  var components: [Substring] { path.split(separator: "/") }

  /// The link from the page in this folder to a file: relative, so that it works below any address and from a disk.
  func link(to file: Address) -> String {
    let (own, other) = (path.utf8, file.path.utf8)
    let slash = UInt8(ascii: "/")
    // What both have in common, as far as whole folders go.
    var (place, otherPlace) = (own.startIndex, other.startIndex)
    var (rest, otherRest) = (place, otherPlace)
    while otherPlace < other.endIndex {
      let isOwnEnd = place == own.endIndex
      if other[otherPlace] == slash, isOwnEnd || own[place] == slash {
        otherRest = other.index(after: otherPlace)
        rest = isOwnEnd ? place : own.index(after: place)
      }
      guard !isOwnEnd, own[place] == other[otherPlace] else { break }
      own.formIndex(after: &place)
      other.formIndex(after: &otherPlace)
    }
    let up = rest < own.endIndex ? own[rest...].count { $0 == slash } + 1 : 0
    return String(repeating: "../", count: up) + percentEncoded(String(file.path[otherRest...]), keeping: "-_./")
  }
}

/// The scheme of a link, in lower case, such as `https`; nil for a relative link.
func scheme(of link: String) -> String? {
  let start = link.prefix { !"/?#".contains($0) }
  return start.firstIndex(of: ":").map { start[..<$0].lowercased() }
}

/// A part of a link with its percent-encoded bytes decoded; unchanged where they are not UTF-8.
func percentDecoded(_ text: Substring) -> String {
  text.contains("%") ? text.removingPercentEncoding ?? String(text) : String(text)
}
