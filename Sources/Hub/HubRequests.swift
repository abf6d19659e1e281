import Files
import HTTP

/// Speaks a hub's HTTP: addresses, the token, and what statuses mean.
struct HubRequests {
  private let endpoint: String
  private let token: String?
  private let retries: RetryPolicy
  private let session: HTTPSession

  /// What needs no escape in any part of a URL (RFC 3986), apart from letters and digits.
  private static let unreserved = "-_.~"

  init(settings: HubSettings, timeouts: HTTPTimeouts, retries: RetryPolicy) {
    endpoint = settings.endpoint
    token = settings.token
    self.retries = retries
    session = HTTPSession(timeouts: timeouts)
  }

  // MARK: What is asked

  /// The files of a repository at its revision.
  func listing(of location: HubLocation, attempts: Int?, tick: () throws -> Void) throws -> HubListing {
    let revision = percentEncoded(location.revision, keeping: Self.unreserved)
    let url = "\(endpoint)/api/models/\(location.repository)/revision/\(revision)?blobs=true"
    let request = try request(.get, url, limit: HubListing.longestAnswer)
    return try retries.run(url, attempts: attempts, tick: tick) {
      let (head, body) = try session.send(request, tick: tick)
      try check(head, location: location, file: nil)
      let listing = try HubListing(answer: body, url: url, location: location)
      guard !isCommit(location.revision) || listing.commit == location.revision else {
        throw HubError.contradiction(
          file: location.repository, part: "commit", found: listing.commit, expected: location.revision)
      }
      return listing
    }
  }

  /// What the hub says of a file before it gives it.
  func head(of file: String, at location: HubLocation, tick: () throws -> Void) throws -> HTTPHead {
    let url = address(of: file, at: location)
    let request = try request(.head, url)
    return try retries.run(url, tick: tick) {
      // A redirect to elsewhere may say all there is to know; the answer there is not the hub's.
      let (head, _) = try session.send(
        request, stopsAt: { try $0.isMetadata && $0.redirect()?.origin != $0.address.origin }, tick: tick)
      if !(300..<400).contains(head.status) || !head.isMetadata {
        try check(head, location: location, file: file)
      }
      return head
    }
  }

  /// Asks for what is missing of a file until all is there.
  ///
  /// Only attempts that bring nothing new count as failures.
  func download(_ file: String, at location: HubLocation, to partial: PartialFile, tick: () throws -> Void) throws {
    try retries.run("\(location): \(file)", tick: tick, progress: { partial.count }) {
      guard !partial.isWhole else { return }
      do {
        try downloadOnce(file, at: location, to: partial, tick: tick)
      } catch is TransientFailure where partial.isWhole {
        // The connection broke after the last byte.
      }
    }
  }

  private func downloadOnce(
    _ file: String, at location: HubLocation, to partial: PartialFile, tick: () throws -> Void
  ) throws {
    let request = try request(.get, address(of: file, at: location), start: partial.count)
    let head = try session.send(request, to: partial, tick: tick)
    if head.status == 416, partial.count > 0 {
      // What is there is no start of what the server has.
      try partial.empty()
      throw TransientFailure.status(head.status)
    }
    try check(head, location: location, file: file)
    guard partial.isWhole else { throw TransientFailure.incomplete(found: partial.count, expected: partial.size) }
  }

  private func address(of file: String, at location: HubLocation) -> String {
    let revision = percentEncoded(location.revision, keeping: Self.unreserved)
    let path = percentEncoded(file, keeping: Self.unreserved + "/")
    return "\(endpoint)/\(location.repository)/resolve/\(revision)/\(path)"
  }

  private func request(
    _ method: HTTPRequest.Method, _ url: String, start: Int = 0, limit: Int = .max
  ) throws -> HTTPRequest {
    guard let address = HTTPAddress(url) else { throw HTTPError.badAddress(url) }
    let secrets = token.map { ["Authorization": "Bearer \($0)"] } ?? [:]
    return HTTPRequest(method, address, secrets: secrets, start: start, limit: limit)
  }

  // MARK: Statuses

  /// - Throws: `TransientFailure` where it may be another status another time, else `HubError`.
  private func check(_ head: HTTPHead, location: HubLocation, file: String?) throws {
    if let failure = head.transientFailure { throw failure }
    let isHub = HTTPAddress(endpoint)?.origin == head.address.origin
    switch (head.status, isHub ? head["X-Error-Code"] : nil) {
    case (200, _), (206, _): return
    case (_, "RevisionNotFound"): throw HubError.noRevision(location, endpoint: endpoint)
    case (_, "GatedRepo"): throw HubError.gated(location, endpoint: endpoint, tokenSent: token != nil)
    case (_, "RepoNotFound"): throw HubError.noRepository(location, endpoint: endpoint, tokenSent: token != nil)
    case (401, _) where isHub, (403, _) where isHub:
      throw HubError.denied(
        location, status: head.status, message: head["X-Error-Message"], tokenSent: token != nil)
    case (404, _) where isHub:
      guard let file else { throw HubError.noRepository(location, endpoint: endpoint, tokenSent: token != nil) }
      throw HubError.noFile(location, file: file)
    default: throw HubError.unexpectedStatus(url: "\(head.address)", status: head.status)
    }
  }
}

extension HTTPHead {
  /// The hash of the content, not of the pointer to it.
  var etag: String? { self["X-Linked-Etag"] ?? self["ETag"] }

  /// Bytes of the content; nil where the answer does not say.
  var contentSize: Int? {
    number("X-Linked-Size") ?? ((300..<400).contains(status) ? nil : number("Content-Length"))
  }

  /// Whether the answer says what a hub says of a file.
  fileprivate var isMetadata: Bool { self["X-Repo-Commit"] != nil && etag != nil }
}
