import Files
import Foundation
import Site

/// A flaw of a finished site.
package struct SiteFlaw: Sendable, Codable, Equatable {
  package let page: String
  package let what: String
  package let fix: String
}

/// What `headatlas check` finds in a site.
package func siteProblems(_ folder: String) throws -> [SiteFlaw] {
  guard FileManager.default.fileExists(atPath: folder + "/index.html") else {
    throw FileError.unreadable(path: folder + "/index.html", reason: "no such file; build the site first")
  }
  return try checkSite(at: folder).map { SiteFlaw(page: $0.page, what: $0.what, fix: $0.fix) }
}
