import Diagnostics

/// A problem of a built site, as `headatlas check` reports it.
package struct SiteProblem: Sendable, Equatable, Codable, Comparable, CustomStringConvertible {
  /// The file that has it, by its path from the root of the site.
  package let page: String
  package let what: String
  /// How to fix it.
  package let fix: String

  package init(page: String, what: String, fix: String) {
    self.page = page
    self.what = oneLine(what)
    self.fix = oneLine(fix)
  }

  package var description: String { "\(onOneLine(page)): \(what); \(fix)" }

  package static func < (left: Self, right: Self) -> Bool {
    (left.page, left.what, left.fix) < (right.page, right.what, right.fix)
  }
}
