/// The folder that `path` stands in: everything before its last slash, `.` where it has none.
package func folder(of path: String) -> String {
  let parts = trimmed(path)
  guard let slash = parts.lastIndex(of: "/") else { return "." }
  let folder = trimmed(String(parts[..<slash]))
  return folder.isEmpty ? "/" : folder
}

/// What follows the last slash of a path; empty for `/`.
package func fileName(_ path: String) -> String {
  let parts = trimmed(path)
  return parts.lastIndex(of: "/").map { String(parts[parts.index(after: $0)...]) } ?? parts
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

/// Without slashes at the end, unless it is nothing but slashes.
private func trimmed(_ path: String) -> String {
  var end = path.endIndex
  while end > path.startIndex, path[path.index(before: end)] == "/" { end = path.index(before: end) }
  return String(path[..<end])
}
