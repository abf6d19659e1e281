import Files
import Foundation
import Site

/// What `headatlas check` finds in a site.
package func siteProblems(_ folder: String) throws -> [SiteProblem] {
  guard FileManager.default.fileExists(atPath: folder + "/index.html") else {
    throw FileError.unreadable(path: folder + "/index.html", reason: "no such file; build the site first")
  }
  return try checkSite(at: folder)
}
