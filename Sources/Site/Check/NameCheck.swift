import Diagnostics
import Files

/// The problems of names that other systems read otherwise: files and folders that Windows cannot hold, and paths that differ
/// only in case, of which Windows and macOS keep one.
///
/// - Parameter files: by their paths from the root of the site.
func nameProblems(_ files: Set<String>) -> [SiteProblem] {
  var problems: [SiteProblem] = []
  var seen: [String: String] = [:]
  for file in files.sorted() {
    var path = ""
    for name in file.split(separator: "/") {
      path += (path.isEmpty ? "" : "/") + name
      let folded = path.lowercased()
      if seen[folded] == path { continue }
      if let other = seen[folded] {
        problems.append(
          SiteProblem(
            page: file, what: "\(quoted(path)) and \(quoted(other)) differ only in case", fix: "rename one of them"))
        // All that is below it would be said again.
        break
      }
      seen[folded] = path
      if let reason = problem(ofName: String(name)) {
        problems.append(
          SiteProblem(page: file, what: "Windows cannot hold \(quoted(path)): \(reason)", fix: "rename it"))
      }
    }
  }
  return problems
}

private func problem(ofName name: String) -> String? {
  if isDeviceName(name) { return "it is the name of a device" }
  if name.last == "." || name.last == " " { return "it ends with a dot or a space" }
  let refused = name.unicodeScalars.first { $0.value < 32 || "<>:\"\\|?*".unicodeScalars.contains($0) }
  return refused.map { "it has \(quoted(String($0))) in it" }
}
