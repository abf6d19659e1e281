import Foundation
import FoundationNetworking

/// Scheme, host and port: what a token is meant for.
struct Origin: Equatable {
  let scheme: String
  let host: String
  let port: Int

  /// nil where the address is not of http or https.
  init?(_ url: URL) {
    guard let scheme = url.scheme?.lowercased(), let host = url.host?.lowercased(), !host.isEmpty,
      let standard = ["http": 80, "https": 443][scheme]
    else { return nil }
    self.scheme = scheme
    self.host = host
    port = url.port ?? standard
  }
}

/// Whether a server at one address may send a client on to another: to http or https, never from https to http.
package func maySend(from first: URL, to second: URL) -> Bool {
  guard let from = Origin(first), let to = Origin(second) else { return false }
  return from.scheme == "http" || to.scheme == "https"
}

/// How long and how often a server is asked.
package struct HubPatience: Sendable {
  /// Seconds without a sign of life after which a request is given up.
  package let timeout: Double
  /// Requests in a row that bring nothing, the first one counted.
  package let attempts: Int
  /// Waits so many seconds; may throw to give up.
  package let sleep: @Sendable (Double) throws -> Void

  package init(
    timeout: Double = 10, attempts: Int = 5,
    sleep: @escaping @Sendable (Double) throws -> Void = { Thread.sleep(forTimeInterval: $0) }
  ) {
    self.timeout = timeout
    self.attempts = attempts
    self.sleep = sleep
  }

  /// 1, 2, 4… seconds, or as long as the server asks for; a minute at most.
  func pause(after failures: Int, _ disturbance: Disturbance) throws {
    try sleep(min(60, max(disturbance.pause ?? 0, Double(1 << min(failures - 1, 5)))))
  }
}

/// Speaks a hub's HTTP: addresses, redirects, the token, and what statuses mean.
struct HubRequests {
  let endpoint: String
  let token: String?
  let patience: HubPatience
  private let transport: Transport

  private static let redirectLimit = 10

  init(endpoint: String, token: String?, patience: HubPatience) {
    self.endpoint = endpoint
    self.token = token
    self.patience = patience
    transport = Transport(timeout: patience.timeout)
  }

  // MARK: What is asked

  /// The files of a repository at its revision.
  func listing(
    of location: HubLocation, attempts: Int, tick: () throws -> Void
  ) throws -> HubListing {
    let url = "\(endpoint)/api/models/\(location.repository)/revision/\(escaped(location.revision))?blobs=true"
    return try persistently(url, attempts: attempts) {
      let body = ShortBody(url: url, limit: HubListing.longestAnswer)
      let head = try follow("GET", url, to: body, tick: tick)
      try check(head, location: location, file: nil)
      let listing = try HubListing(answer: body.contents, url: url, location: location)
      guard !isCommit(location.revision) || listing.commit == location.revision else {
        throw HubError.contradiction(
          file: location.repository, part: "commit", found: listing.commit, expected: location.revision)
      }
      return listing
    }
  }

  /// What the hub says of a file before it gives it.
  func head(of file: String, at location: HubLocation, tick: () throws -> Void) throws -> ResponseHead {
    let url = address(of: file, at: location)
    return try persistently(url, attempts: patience.attempts) {
      let head = try follow("HEAD", url, to: ShortBody(url: url, limit: 0), tick: tick)
      if !isMetadataOfRedirect(head) { try check(head, location: location, file: file) }
      return head
    }
  }

  /// Asks for the rest of a file once.
  func download(_ file: String, at location: HubLocation, to partial: PartialFile, tick: () throws -> Void) throws {
    let url = address(of: file, at: location)
    let fields = partial.count > 0 ? ["Range": "bytes=\(partial.count)-"] : [:]
    let head = try follow("GET", url, fields: fields, to: partial, tick: tick)
    if head.status == 416, partial.count > 0 {
      // What is there is no start of what the server has.
      try partial.empty()
      throw Disturbance(reason: "status 416")
    }
    try check(head, location: location, file: file)
  }

  private func address(of file: String, at location: HubLocation) -> String {
    "\(endpoint)/\(location.repository)/resolve/\(escaped(location.revision))/\(escaped(file, except: "/"))"
  }

  // MARK: Sending

  /// Tries again where an answer may come another time.
  private func persistently<Answer>(_ url: String, attempts: Int, _ body: () throws -> Answer) throws -> Answer {
    var attempt = 1
    while true {
      do {
        return try body()
      } catch let disturbance as Disturbance {
        guard attempt < attempts else {
          throw HubError.unreachable(url: url, reason: disturbance.reason, attempts: attempt)
        }
        try patience.pause(after: attempt, disturbance)
        attempt += 1
      }
    }
  }

  /// Sends a request and follows where it is sent on. The token goes to the endpoint's own origin and nowhere else.
  ///
  /// A HEAD stops at a redirect to elsewhere that says all there is to know: the answer there is not the hub's.
  private func follow(
    _ method: String, _ start: String, fields: [String: String] = [:], to sink: some BodySink,
    tick: () throws -> Void
  ) throws -> ResponseHead {
    guard var url = URL(string: start) else { throw HubError.badEndpoint(endpoint) }
    for _ in 0...Self.redirectLimit {
      let head = try transport.send(request(method, url, fields: fields), to: sink, tick: tick)
      guard [301, 302, 303, 307, 308].contains(head.status), let location = head["Location"] else { return head }
      guard let next = URL(string: location, relativeTo: url)?.absoluteURL, maySend(from: url, to: next) else {
        throw HubError.badRedirect(url: start, location: location)
      }
      if method == "HEAD", Origin(url) != Origin(next), isMetadataOfRedirect(head) { return head }
      url = next
    }
    throw HubError.tooManyRedirects(url: start, limit: Self.redirectLimit)
  }

  private func isMetadataOfRedirect(_ head: ResponseHead) -> Bool {
    (300..<400).contains(head.status) && head["X-Repo-Commit"] != nil && head.etag != nil
  }

  private func request(_ method: String, _ url: URL, fields: [String: String]) -> URLRequest {
    var request = URLRequest(url: url)
    request.httpMethod = method
    // Sizes and ranges are of the file itself.
    request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
    request.setValue("headatlas", forHTTPHeaderField: "User-Agent")
    for (name, value) in fields { request.setValue(value, forHTTPHeaderField: name) }
    if let token, let home = URL(string: endpoint), Origin(url) == Origin(home) {
      request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization")
    }
    return request
  }

  // MARK: Statuses

  /// - Throws: `Disturbance` where it may be another status another time, else `HubError`.
  private func check(_ head: ResponseHead, location: HubLocation, file: String?) throws {
    let isHub = URL(string: endpoint).flatMap(Origin.init) == Origin(head.url)
    switch (head.status, isHub ? head["X-Error-Code"] : nil) {
    case (200, _), (206, _): return
    case (408, _), (429, _), (500..., _):
      throw Disturbance(reason: "status \(head.status)", pause: head.number("Retry-After").map(Double.init))
    case (_, "RevisionNotFound"): throw HubError.noRevision(location, endpoint: endpoint)
    case (_, "GatedRepo"): throw HubError.gated(location, endpoint: endpoint, tokenSent: token != nil)
    case (_, "RepoNotFound"): throw HubError.noRepository(location, endpoint: endpoint, tokenSent: token != nil)
    case (401, _) where isHub, (403, _) where isHub:
      throw HubError.denied(
        location, status: head.status, message: head["X-Error-Message"], tokenSent: token != nil)
    case (404, _) where isHub:
      guard let file else { throw HubError.noRepository(location, endpoint: endpoint, tokenSent: token != nil) }
      throw HubError.noFile(location, file: file)
    default: throw HubError.unexpectedStatus(url: head.url.absoluteString, status: head.status)
    }
  }
}

extension ResponseHead {
  /// The hash of the content, not of the pointer to it.
  var etag: String? { self["X-Linked-Etag"] ?? self["ETag"] }

  /// Bytes of the content; nil where the answer does not say.
  var contentSize: Int? {
    (number("X-Linked-Size") ?? ((300..<400).contains(status) ? nil : number("Content-Length")))
      .flatMap { $0 >= 0 ? $0 : nil }
  }
}

/// Text as a part of an address.
private func escaped(_ text: String, except kept: String = "") -> String {
  text.utf8.map { byte in
    if isLetterOrDigit(byte) || "-_.~".utf8.contains(byte) || kept.utf8.contains(byte) {
      String(UnicodeScalar(byte))
    } else {
      "%" + String(UInt16(byte) + 0x100, radix: 16, uppercase: true).suffix(2)
    }
  }.joined()
}
