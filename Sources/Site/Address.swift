/// A file or folder of the site by its path from the root, without slashes at either end; the root itself is empty.
struct Address: Hashable, Comparable, Sendable {
  let path: String

  init(_ path: String) { self.path = path }

  static func < (left: Address, right: Address) -> Bool { left.path < right.path }

  /// The file of the page in this folder.
  var index: Address { file("index.html") }

  func file(_ name: String) -> Address { Address(path.isEmpty ? name : "\(path)/\(name)") }

  var components: [Substring] { path.split(separator: "/") }

  /// The way from the page in this folder to a file: relative, so that it works below any address and from a disk.
  func link(to file: Address) -> String {
    let (own, other) = (components, file.components)
    var shared = 0
    while shared < own.count, shared < other.count - 1, own[shared] == other[shared] { shared += 1 }
    let up = repeatElement("..", count: own.count - shared)
    return (up + other[shared...].map { percentEncoded($0) }).joined(separator: "/")
  }
}

/// Of a path, everything but the unreserved characters of RFC 3986.
private func percentEncoded(_ component: Substring) -> String {
  var result = ""
  for byte in component.utf8 {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
      result.unicodeScalars.append(Unicode.Scalar(byte))
    default:
      result += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
    }
  }
  return result
}

/// Whether a string from outside may name a file or folder of the site.
///
/// No separators, no leading dot (so neither `..` nor a hidden file), nothing that Windows or a URL reads otherwise.
func isFileName(_ name: String) -> Bool {
  guard let first = name.first, first != ".", name.utf8.count <= 120 else { return false }
  return name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" || $0 == "." }
}

/// A word for a file or an anchor: lower case ASCII letters and digits, joined by hyphens.
func slug(_ text: String) -> String {
  var result = ""
  for scalar in text.lowercased().unicodeScalars {
    switch scalar {
    case "a"..."z", "0"..."9": result.unicodeScalars.append(scalar)
    default: if !result.isEmpty, !result.hasSuffix("-") { result += "-" }
    }
  }
  if result.hasSuffix("-") { result.removeLast() }
  return result.isEmpty ? "section" : String(result.prefix(60))
}
