import Foundation

/// The folder that `path` stands in: everything before its last slash, `.` where it has none.
package func folder(of path: String) -> String {
  let parts = trimmed(path[...])
  guard let slash = parts.utf8.lastIndex(of: slash) else { return "." }
  let folder = trimmed(parts[..<slash])
  return folder.isEmpty ? "/" : String(folder)
}

/// What follows the last slash of a path; empty for `/`.
package func fileName(_ path: String) -> String {
  let parts = trimmed(path[...])
  return parts.utf8.lastIndex(of: slash).map { String(parts[parts.utf8.index(after: $0)...]) } ?? String(parts)
}

/// A file's name without what follows its last dot, and that; no extension where the dot is the first letter.
package func nameAndExtension(_ name: String) -> (name: String, suffix: String) {
  guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return (name, "") }
  return (String(name[..<dot]), String(name[name.index(after: dot)...]))
}

/// `path` as seen from the folder `base`, unless it is absolute.
package func resolve(_ path: String, in base: String) -> String {
  path.hasPrefix("/") ? path : base + "/" + path
}

/// `path` with the home of a user in place of a `~` or `~user` that it begins with; as it is where there is no such user.
///
/// - Parameter environment: whose `HOME` is the user's own.
package func expandingHome(
  _ path: String, environment: [String: String] = ProcessInfo.processInfo.environment
) -> String {
  guard path.utf8.first == UInt8(ascii: "~") else { return path }
  let rest = path.utf8.dropFirst()
  let user = String(Substring(rest.prefix { $0 != slash }))
  let home = user.isEmpty ? environment["HOME"] ?? NSHomeDirectory() : NSHomeDirectoryForUser(user)
  return home.map { $0 + String(Substring(rest.dropFirst(user.utf8.count))) } ?? path
}

/// Where a path leads: absolute, with all links followed; nil where nothing is there.
package func realPath(_ path: String) -> String? {
  guard let found = realpath(path, nil) else { return nil }
  defer { free(found) }
  return String(validatingCString: found)
}

/// Whether a real path is that of `folder` or of something in it.
package func isInside(_ path: String, _ folder: String) -> Bool {
  path == folder || path.utf8.starts(with: (folder == "/" ? folder : folder + "/").utf8)
}

/// Looked for as a byte: with an accent on it it is another Character, but the same slash to the system.
private let slash = UInt8(ascii: "/")

/// A path without slashes at its end, which would have the system follow a link there.
package func withoutLastSlashes(_ path: String) -> String { String(trimmed(path[...])) }

/// Without slashes at the end, unless it is nothing but slashes: then one.
private func trimmed(_ path: Substring) -> Substring {
  let count = path.utf8.reversed().prefix { $0 == slash }.count
  return count == path.utf8.count ? path.prefix(1) : path[..<path.utf8.index(path.endIndex, offsetBy: -count)]
}
