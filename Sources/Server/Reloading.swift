import Files
import Foundation
import Synchronization

/// Loads open pages anew when the site has changed: by a script that is served and is no part of the site.
///
/// A page asks twice a second. A connection that is held open until something changes would take one of the six that a
/// browser has for a host, and a seventh open page would wait for ever. The scripts come from the server itself, which is
/// what the pages' Content-Security-Policy allows; a request by the script would not be.
package final class Reloading: Sendable {
  private struct State {
    var changes = 0
  }
  private let state = Mutex(State())
  /// Tells this server from one that ran before it.
  private let start = UInt64.random(in: 0...UInt64.max)

  package init() {}

  /// Tells all open pages that the site is another.
  package func siteHasChanged() { state.withLock { $0.changes += 1 } }

  private var revision: String { "\(start)-\(state.withLock { $0.changes })" }

  private static let folder = "/.headatlas/"

  /// The answer to a request for one of the scripts; nil for anything else.
  func answer(_ path: String) -> Answer? {
    switch path {
    case Self.folder + "reload.js": script(Self.reloadScript)
    case Self.folder + "revision.js": script("document.documentElement.dataset.revision = \"\(revision)\";\n")
    default: nil
    }
  }

  private func script(_ text: String) -> Answer {
    Answer(200, text, ["Content-Type": "text/javascript; charset=utf-8"])
  }

  private var element: String {
    "<script src=\"\(Self.folder)reload.js\" data-revision=\"\(revision)\" defer></script>\n"
  }

  /// A page with the script in it; other files as they are.
  func reloaded(_ answer: Answer) -> Answer {
    guard case .file(let path) = answer.body, path.hasSuffix(".html") else { return answer }
    // Asked for before the page is read: one that is written meanwhile is loaded once more.
    let element = element
    guard let page = try? readFile(path) else { return answer }
    var reloaded = answer
    reloaded.body = .bytes(Self.inserted(Array(element.utf8), into: page))
    return reloaded
  }

  /// Before the end of the body, or at the end of a page without one.
  private static func inserted(_ element: [UInt8], into page: [UInt8]) -> [UInt8] {
    let end = Array("</body>".utf8)
    guard page.count >= end.count,
      let place = (0...page.count - end.count).last(where: { page[$0...].starts(with: end) })
    else { return page + element }
    return page[..<place] + element + page[place...]
  }

  /// A page in place of one that is not there, which may come with the next build.
  func answer(toMissing path: String) -> Answer? {
    guard path.hasSuffix("/") || path.hasSuffix(".html") else { return nil }
    return Answer(
      404,
      """
      <!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Not there</title>
      <p>This page is not there. It is shown as soon as a build writes it.</p>
      \(element)
      """, ["Content-Type": "text/html; charset=utf-8"])
  }

  private static let reloadScript = """
    "use strict";
    {
      const shown = document.currentScript.dataset.revision;
      const root = document.documentElement;
      const ask = () => {
        const script = document.createElement("script");
        script.src = "\(folder)revision.js?" + Date.now();
        const again = () => { script.remove(); setTimeout(ask, 500); };
        script.onload = () => {
          if (root.dataset.revision === shown) again(); else location.reload();
        };
        script.onerror = again;
        document.head.append(script);
      };
      ask();
    }

    """
}
