import Diagnostics
import Files
import Foundation
import Parallel

/// Something wrong with a built site.
package struct SiteProblem: Sendable, Equatable, Comparable, CustomStringConvertible {
  /// The file, from the root of the site.
  package let page: String
  package let what: String
  /// What to do about it.
  package let fix: String

  package init(page: String, what: String, fix: String) {
    self.page = page
    self.what = oneLine(what)
    self.fix = oneLine(fix)
  }

  package var description: String { "\(page): \(what); \(fix)" }

  package static func < (left: Self, right: Self) -> Bool {
    (left.page, left.what, left.fix) < (right.page, right.what, right.fix)
  }
}

/// What pages may weigh.
enum Budget {
  /// Bytes of a head's page, without its images.
  static let headPage = 150_000
  /// Bytes of all scripts together, without the data that they search.
  static let scripts = 60_000
}

/// Looks through a built site for what breaks it for a reader: links and anchors that lead nowhere, files that are
/// missing, code inside pages, requests to other hosts, links that work on a server only, pages without a title or a
/// language, images without an alternative, and weight.
///
/// Any HTML may be there, however odd.
/// - Returns: the problems in order, none where all is well.
/// - Throws: `FileError` where the folder or a file of it cannot be read.
package func checkSite(at folder: String, threads: Int = processorCount) throws -> [SiteProblem] {
  let files = try siteFiles(folder)
  var problems: [SiteProblem] = []
  if !files.contains("index.html") {
    problems.append(.init(page: "index.html", what: "there is none", fix: "check the folder of a built site"))
  }
  let pages = files.filter { $0.hasSuffix(".html") }.sorted()
  let scans = try inParallel(pages.count, threads: threads) { place in
    PageScan(page: pages[place], bytes: try readFile("\(folder)/\(pages[place])"))
  }
  let resolver = LinkResolver(files: files, scans: scans)
  problems += try inParallel(scans.count, threads: threads) { place in
    let scan = scans[place]
    return scan.problems + scan.links.compactMap { resolver.problem(with: $0, on: scan.page) }
  }.joined()
  for page in pages where page.split(separator: "/").last == "index.html" {
    let twin = String(page.dropLast(4)) + "json"
    if !files.contains(twin) {
      problems.append(.init(page: page, what: "no index.json beside it", fix: "rebuild the page"))
    }
  }
  problems += try weightProblems(folder, files: files)
  problems += try styleProblems(folder, files: files, resolver: resolver)
  return problems.sorted()
}

/// All files by their path from the root.
private func siteFiles(_ folder: String) throws -> Set<String> {
  var isFolder: ObjCBool = false
  guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue,
    let paths = FileManager.default.enumerator(atPath: folder)
  else { throw FileError.unreadable(path: folder, reason: "no such folder") }
  var files: Set<String> = []
  for case let path as String in paths where paths.fileAttributes?[.type] as? FileAttributeType != .typeDirectory {
    files.insert(path)
  }
  return files
}

private func weightProblems(_ folder: String, files: Set<String>) throws -> [SiteProblem] {
  var problems: [SiteProblem] = []
  for page in files where page.hasSuffix("/index.html") && isHeadPage(page) {
    let count = try readFile("\(folder)/\(page)").count
    if count > Budget.headPage {
      problems.append(
        .init(
          page: page, what: "\(count) bytes, more than \(Budget.headPage)",
          fix: "show fewer maps or rows, or offer them as a download"))
    }
  }
  let scripts = files.filter { $0.hasSuffix(".js") && !$0.hasSuffix("data.js") }.sorted()
  let weight = try scripts.reduce(0) { try $0 + readFile("\(folder)/\($1)").count }
  if weight > Budget.scripts, let first = scripts.first {
    problems.append(
      .init(
        page: first, what: "all scripts together have \(weight) bytes, more than \(Budget.scripts)",
        fix: "leave some of them out"))
  }
  return problems
}

private func isHeadPage(_ page: String) -> Bool {
  let parts = page.split(separator: "/")
  return parts.count == 5 && parts[0] == "model" && parts[2] == "head"
}

/// Style sheets ask for files, too.
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
