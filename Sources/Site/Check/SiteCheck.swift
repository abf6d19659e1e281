import Analysis
import Attribution
import Files
import Foundation
import Parallel

/// The sizes that a site keeps to.
enum Budget {
  /// Bytes of a head's page, without its images.
  static let headPage = 150_000
  /// Bytes of all scripts together, without the data of the search.
  static let scripts = 60_000
}

/// Checks a built site for what its readers would notice: links and anchors without a target, missing files, code inside
/// pages, requests to other hosts, links that only work on a server, pages without a title or a language, images without
/// an alternative text, and pages that are too large.
///
/// Accepts any HTML, however malformed.
/// - Returns: the problems, sorted; none where all is well.
/// - Throws: `FileError` where the folder has no `index.html`, or it or a file of it cannot be read.
package func checkSite(at folder: String, threads: Int = processorCount) throws -> [SiteProblem] {
  guard FileKind(of: folder) == .folder else { throw FileError.unreadable(path: folder, reason: "no such folder") }
  // Hidden folders are others' own, as `.git` is one.
  let tree = try FolderTree(of: folder, skipsHidden: true)
  let unreadable = unreadableProblems(tree.files, in: folder)
  let files = Set(tree.files).subtracting(unreadable.map(\.page))
  guard files.contains("index.html") else {
    throw FileError.unreadable(path: folder + "/index.html", reason: "no such file; build the site first")
  }
  var problems = unreadable
  let pages = files.filter { $0.hasSuffix(".html") }.sorted()
  let scans = try inParallel(pages.count, threads: threads) { place in
    PageScan(page: pages[place], bytes: try readFile("\(folder)/\(pages[place])"))
  }
  let resolver = LinkResolver(files: files, scans: scans)
  problems += try inParallel(scans.count, threads: threads) { place in
    let scan = scans[place]
    return scan.problems + scan.links.compactMap { resolver.problem(with: $0, on: scan.page) }
  }.joined()
  for page in pages where fileName(page) == "index.html" {
    let twin = String(page.dropLast(4)) + "json"
    if !files.contains(twin) {
      problems.append(.init(page: page, what: "no index.json beside it", fix: "rebuild the page"))
    }
  }
  problems += scans.filter { isHeadPage($0.page) && $0.size > Budget.headPage }.map { scan in
    .init(
      page: scan.page, what: "\(scan.size) bytes, more than \(Budget.headPage)",
      fix: "show fewer maps or rows, or offer them as a download")
  }
  problems += nameProblems(files)
  problems += tree.undecodable.map {
    .init(page: $0, what: "a name that is not UTF-8", fix: "rename it: \(nameConversion) FILE")
  }
  if let problem = try scriptProblem(folder, files: files) { problems.append(problem) }
  problems += try styleProblems(folder, files: files, resolver: resolver)
  return problems.sorted()
}

/// Files that are none, each with what it is: pipes and devices, which no server sends, links that lead nowhere, and links to folders
/// that are named as what is read here.
private func unreadableProblems(_ files: [String], in folder: String) -> [SiteProblem] {
  files.compactMap { file in
    let kind = FileKind(of: "\(folder)/\(file)")
    guard kind != .file, kind != .folder || [".html", ".css", ".js"].contains(where: file.hasSuffix) else { return nil }
    return SiteProblem(
      page: file, what: kind.map { "\($0.rawValue), expected a file" } ?? "a link that leads nowhere",
      fix: "remove it, or put a file in its place")
  }
}

/// The problem that all scripts together are too large, reported for the first of them.
private func scriptProblem(_ folder: String, files: Set<String>) throws -> SiteProblem? {
  let scripts = files.filter { $0.hasSuffix(".js") && !$0.hasSuffix("data.js") }.sorted()
  let bytes = try scripts.reduce(0) { try $0 + readFile("\(folder)/\($1)").count }
  guard bytes > Budget.scripts, let first = scripts.first else { return nil }
  return SiteProblem(
    page: first, what: "all scripts together have \(bytes) bytes, more than \(Budget.scripts)",
    fix: "remove some of them")
}

private func isHeadPage(_ page: String) -> Bool {
  let names = page.split(separator: "/")
  guard names.count > 3, let head = Head(names[names.count - 2]) else { return false }
  return page == Subject.head(model: String(names[1]), head: head).address.index.path
}

/// The problems of style sheets, which link to files too.
private func styleProblems(
  _ folder: String, files: Set<String>, resolver: LinkResolver
) throws -> [SiteProblem] {
  var problems: [SiteProblem] = []
  for sheet in files.sorted() where sheet.hasSuffix(".css") {
    let text = String(decoding: try readFile("\(folder)/\(sheet)"), as: UTF8.self)
    if text.contains("@import") {
      problems.append(.init(page: sheet, what: "@import", fix: "put the rules into this file"))
    }
    for part in text.components(separatedBy: "url(").dropFirst() {
      let target = part.prefix { $0 != ")" }.filter { $0 != "\"" && $0 != "'" && !$0.isWhitespace }
      let link = PageScan.Link(target: String(target), element: "url()", isRequest: true)
      if let problem = resolver.problem(with: link, on: sheet) { problems.append(problem) }
    }
  }
  return problems
}
