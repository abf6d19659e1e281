import Files
import Foundation
import HTTP
import Hub
import Synchronization
import TestSupport

/// A file of a hub, kept in git or, when large, elsewhere.
struct HubFile: Sendable {
  let content: [UInt8]
  let isLarge: Bool

  static func small(_ text: String) -> HubFile { HubFile(content: Array(text.utf8), isLarge: false) }

  /// Bytes without a pattern that a shift would keep.
  static func large(_ count: Int) -> HubFile {
    HubFile(content: (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 &+ $0 >> 8) }, isLarge: true)
  }

  var sha256: String { hexDigest(of: content) }
  var gitHash: String {
    let hash = Hash(.sha1)
    hash.add("blob \(content.count)\0")
    content.withUnsafeBytes { hash.add($0) }
    return hash.hexDigest()
  }
  var etag: String { isLarge ? sha256 : gitHash }
}

/// A hub with one repository, `org/model`, on 127.0.0.1: small files behind a relative redirect, large ones on another
/// server, as the public hub has them.
final class LocalHub: Sendable {
  static let commit = String(repeating: "c0", count: 20)
  static let model: [String: HubFile] = [
    "open_clip_config.json": .small(#"{"model_cfg": {}}"#), "tokenizer.json": .small("{}"),
    "README.md": .small("Not wanted."), "open_clip_model.safetensors": .large(200_000),
    "open_clip_pytorch_model.bin": .large(10),
  ]
  /// What of `model` a fetch takes.
  static let chosen = ["open_clip_config.json", "open_clip_model.safetensors", "tokenizer.json"]
  static let weights = "open_clip_model.safetensors"

  let server: RawServer
  let store: RawServer

  /// - Parameters:
  ///   - special: an answer in place of the hub's; asked first.
  ///   - storeSpecial: the same for the server that has the large files.
  init(
    _ files: [String: HubFile] = LocalHub.model, commit: String = LocalHub.commit,
    special: @escaping @Sendable (Request) -> Reply? = { _ in nil },
    storeSpecial: @escaping @Sendable (Request) -> Reply? = { _ in nil }
  ) throws {
    let store = try RawServer { request in
      if let reply = storeSpecial(request) { return reply }
      let name = String(request.target.dropFirst())
      return files[name].map { .file($0.content, request) } ?? .failure(404)
    }
    let address = store.address
    self.store = store
    server = try RawServer { request in
      special(request) ?? Self.answer(request, files: files, commit: commit, store: address)
    }
  }

  private static func answer(
    _ request: Request, files: [String: HubFile], commit: String, store: String
  ) -> Reply {
    let target = request.target
    if target.hasPrefix("/api/models/org/model/revision/") {
      return .text(listing(files, commit: commit))
    }
    if target.hasPrefix("/api/resolve-cache/"), let name = target.split(separator: "/").last.map(String.init),
      let file = files[name]
    {
      var reply = Reply.file(file.content, request)
      reply.fields["ETag"] = "\"\(file.etag)\""
      reply.fields["X-Repo-Commit"] = commit
      return reply
    }
    guard target.hasPrefix("/org/model/resolve/\(commit)/") else { return .failure(404, "RepoNotFound") }
    let name = String(target.dropFirst("/org/model/resolve/\(commit)/".count))
    guard let file = files[name] else { return .failure(404, "EntryNotFound") }
    guard file.isLarge else {
      var reply = Reply.redirect("/api/resolve-cache/\(name)", status: 307)
      reply.fields["X-Repo-Commit"] = commit
      return reply
    }
    var reply = Reply.redirect("\(store)/\(name)")
    reply.fields["X-Repo-Commit"] = commit
    reply.fields["X-Linked-Etag"] = "\"\(file.etag)\""
    reply.fields["X-Linked-Size"] = "\(file.content.count)"
    return reply
  }

  static func listing(_ files: [String: HubFile], commit: String) -> String {
    let siblings = files.sorted { $0.key < $1.key }.map { name, file in
      let large = #", "lfs": {"sha256": "\#(file.sha256)", "size": \#(file.content.count), "pointerSize": 130}"#
      return #"{"rfilename": "\#(name)", "size": \#(file.content.count), "blobId": "\#(file.gitHash)""#
        + (file.isLarge ? large : "") + "}"
    }
    return #"{"id": "org/model", "sha": "\#(commit)", "siblings": [\#(siblings.joined(separator: ", "))]}"#
  }

  var requests: [Request] { server.requests + store.requests }

  func forget() {
    server.forget()
    store.forget()
  }

  /// A client of this hub, whose waits take no time and are written into `pauses`.
  ///
  /// It keeps the hub running.
  func client(
    cache: String, pauses: Pauses = Pauses(), timeout: Double = 20, variables: [String: String] = [:]
  ) throws -> HubClient {
    try HubTests.client(
      at: server.address, cache: cache, pauses: pauses, timeout: timeout, variables: variables, keeping: self)
  }
}

/// Seconds a client meant to wait.
final class Pauses: Sendable {
  private let seconds = Mutex<[Double]>([])
  var all: [Double] { seconds.withLock { $0 } }
  func add(_ pause: Double) { seconds.withLock { $0.append(pause) } }
}

func client(
  at endpoint: String, cache: String, pauses: Pauses = Pauses(), timeout: Double = 20,
  variables: [String: String] = [:], keeping hub: LocalHub? = nil
) throws -> HubClient {
  let environment = ["HOME": "/nowhere", "HF_HUB_CACHE": cache, "HF_ENDPOINT": endpoint]
  return HubClient(
    settings: try HubSettings(environment: environment.merging(variables) { $1 }),
    timeouts: HTTPTimeouts(connect: 20, stall: timeout),
    retries: RetryPolicy(attempts: 3, wait: { seconds, _ in withExtendedLifetime(hub) { pauses.add(seconds) } }))
}
