import Files
import Foundation

/// What the server was asked.
package struct Question: Sendable {
  package var method: String
  /// As the request has it, percent-encoded and without what follows a question mark.
  package var path: String
  /// The value of the header `Host`.
  package var host: String?
  /// Whether more follows the request's head.
  package var hasBody: Bool

  package init(_ method: String, _ path: String, host: String?, hasBody: Bool = false) {
    (self.method, self.path, self.host, self.hasBody) = (method, path, host, hasBody)
  }

  var isPlain: Bool { ["GET", "HEAD"].contains(method) && !hasBody }
}

/// What the server answers.
package struct Answer: Sendable, Equatable {
  package enum Body: Sendable, Equatable {
    case bytes([UInt8])
    /// A regular file, by its real path.
    case file(String)
  }
  package var status: Int
  package var headers: [String: String]
  package var body: Body

  package init(_ status: Int, _ text: String, _ headers: [String: String] = [:]) {
    self.status = status
    self.headers = headers.merging(["Content-Type": "text/plain; charset=utf-8"]) { given, _ in given }
    body = .bytes(Array(text.utf8))
  }

  init(file: String, type: String) {
    status = 200
    headers = ["Content-Type": type]
    body = .file(file)
  }
}

/// What is served: a site, and while it is watched a script that loads its pages anew.
package struct SiteServer: Sendable {
  private let files: StaticFiles
  private let hosts: Set<String>
  private let reloading: Reloading?

  /// - Parameters:
  ///   - port: on which the server listens, and which a request has to name.
  ///   - reloading: nil where pages are served as they are.
  package init(_ site: String, port: Int, reloading: Reloading? = nil) {
    files = StaticFiles(site)
    let names = ["localhost", "127.0.0.1", "[::1]"]
    hosts = Set(names.map { "\($0):\(port)" } + (port == 80 ? names : []))
    self.reloading = reloading
  }

  package func answer(_ question: Question) -> Answer {
    // A page of another host, whose name was made to lead here, must not read the site.
    guard let host = question.host, hosts.contains(host.lowercased()) else {
      return Answer(421, "not the name of this server; ask for one of \(hosts.sorted().joined(separator: ", "))\n")
    }
    guard ["GET", "HEAD"].contains(question.method) else {
      return Answer(405, "only GET and HEAD are answered\n", ["Allow": "GET, HEAD"])
    }
    if let answer = reloading?.answer(question.path) { return answer }
    switch files.find(question.path) {
    case .file(let path, let type):
      let answer = Answer(file: path, type: type)
      return reloading?.reloaded(answer) ?? answer
    case .moved(let place): return Answer(301, "moved to \(place)\n", ["Location": place])
    case .nothing: return reloading?.answer(toMissing: question.path) ?? Answer(404, "not found\n")
    }
  }
}
