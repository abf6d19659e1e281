import Foundation
import Hub
import Synchronization
import TestSupport
import Testing

private let location = try! HubLocation("org/model")
private let atCommit = try! HubLocation("org/model@\(LocalHub.commit)")
private let repository = "/models--org--model"

private func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }

private func bytes(_ path: String) -> [UInt8]? { FileManager.default.contents(atPath: path).map(Array.init) }

private func link(_ path: String) -> String? { try? FileManager.default.destinationOfSymbolicLink(atPath: path) }

private func write(_ bytes: some Sequence<UInt8>, _ path: String) throws {
  try FileManager.default.createDirectory(
    atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
  try Data(bytes).write(to: URL(fileURLWithPath: path))
}

private func names(_ folder: String) -> [String] {
  ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
}

/// Nothing of a file that failed is in the snapshot, and no reference says that there is one.
private func expectNothingLanded(_ cache: String, _ file: String) {
  #expect(link("\(cache)\(repository)/snapshots/\(LocalHub.commit)/\(file)") == nil)
  #expect(names("\(cache)\(repository)/refs") == [])
}

@Suite struct `A fetched model` {
  @Test func `lies in the cache as huggingface_hub has it`() throws {
    let nested = HubSelection(configurations: ["a/b/config.json"], companions: ["*.txt"], weights: ["w.bin"])
    let files: [String: HubFile] = [
      "a/b/config.json": HubFile(content: Array("{}".utf8), isLarge: true), "w.bin": .large(300_000),
      "hello.txt": .small("hello\n"),
    ]
    let hub = try LocalHub(files)
    try Fixtures.withTemporaryFolder { cache in
      let found = try hub.client(cache: cache).fetch(location, files: nested)
      #expect(found.folder == "\(cache)\(repository)/snapshots/\(LocalHub.commit)")
      #expect(found.commit == LocalHub.commit)
      #expect(found.files == ["a/b/config.json", "hello.txt", "w.bin"])
      #expect(found.notes == [])
      for (name, file) in files { #expect(bytes("\(found.folder)/\(name)") == file.content) }
      // What `git hash-object` says of "hello\n".
      #expect(link(found.folder + "/hello.txt") == "../../blobs/ce013625030ba8dba906f756967f9e9ca394464a")
      #expect(link(found.folder + "/w.bin") == "../../blobs/\(files["w.bin"]!.sha256)")
      #expect(link(found.folder + "/a/b/config.json") == "../../../../blobs/\(files["a/b/config.json"]!.sha256)")
      #expect(text("\(cache)\(repository)/refs/main") == LocalHub.commit)
      #expect(names("\(cache)/.locks\(repository)") == files.values.map { "\($0.etag).lock" }.sorted())
      #expect(names("\(cache)\(repository)/blobs") == files.values.map(\.etag).sorted())
      #expect(names(cache) == [".locks", "models--org--model"])
      #expect(try hub.client(cache: cache).settings.cache.snapshot(of: location, containing: nested) == found)
    }
  }

  @Test func `costs one request again, and none at a commit`() throws {
    let hub = try LocalHub()
    try Fixtures.withTemporaryFolder { cache in
      let client = try hub.client(cache: cache)
      let first = try client.fetch(location)
      #expect(first.files == LocalHub.chosen)
      hub.forget()
      #expect(try client.fetch(location) == first)
      #expect(hub.requests.map(\.target) == ["/api/models/org/model/revision/main?blobs=true"])
      hub.forget()
      #expect(try client.fetch(atCommit) == first)
      #expect(hub.requests.isEmpty)
    }
  }

  @Test func `at a commit whose list of files is not there is asked for, and completed`() throws {
    let hub = try LocalHub()
    try Fixtures.withTemporaryFolder { cache in
      let client = try hub.client(cache: cache)
      let first = try client.fetch(atCommit)
      let companion = try #require(first.files.first { $0 != LocalHub.weights && !$0.hasSuffix("config.json") })
      // As a program leaves it that fetches file by file.
      #expect(unlink("\(cache)\(repository)/trees/\(LocalHub.commit).json") == 0)
      #expect(unlink("\(first.folder)/\(companion)") == 0)
      hub.forget()
      #expect(try client.fetch(atCommit) == first)
      #expect(!hub.requests.isEmpty && bytes("\(first.folder)/\(companion)") == LocalHub.model[companion]!.content)
    }
  }

  @Test func `at a commit has no reference`() throws {
    let hub = try LocalHub()
    try Fixtures.withTemporaryFolder { cache in
      _ = try hub.client(cache: cache).fetch(atCommit)
      #expect(names("\(cache)\(repository)") == ["blobs", "snapshots", "trees"])
    }
  }

  @Test func `at an odd revision asks for it escaped`() throws {
    let hub = try LocalHub()
    try Fixtures.withTemporaryFolder { cache in
      _ = try hub.client(cache: cache).fetch(HubLocation("org/model@refs/pr/1 é"))
      #expect(hub.requests[0].target == "/api/models/org/model/revision/refs%2Fpr%2F1%20%C3%A9?blobs=true")
      #expect(text("\(cache)\(repository)/refs/refs/pr/1 é") == LocalHub.commit)
    }
  }

  @Test func `follows its branch, and shares what did not change`() throws {
    let next = String(repeating: "d1", count: 20)
    try Fixtures.withTemporaryFolder { cache in
      let old = try LocalHub().client(cache: cache).fetch(location)
      var files = LocalHub.model
      files["tokenizer.json"] = .small("{ }")
      let hub = try LocalHub(files, commit: next)
      let new = try hub.client(cache: cache).fetch(location)
      #expect(new.commit == next)
      #expect(text(new.folder + "/tokenizer.json") == "{ }")
      #expect(text(old.folder + "/tokenizer.json") == "{}")
      #expect(text("\(cache)\(repository)/refs/main") == next)
      #expect(hub.store.requests.isEmpty, "the weights are the same")
    }
  }

  @Test(arguments: [nil, "hf_secret"]) func `costs a token that only the hub sees`(token: String?) throws {
    let hub = try LocalHub()
    try Fixtures.withTemporaryFolder { cache in
      _ = try hub.client(cache: cache, variables: token.map { ["HF_TOKEN": $0] } ?? [:]).fetch(location)
    }
    #expect(hub.server.requests.allSatisfy { $0.fields["authorization"] == token.map { "Bearer \($0)" } })
    #expect(!hub.store.requests.isEmpty && hub.store.requests.allSatisfy { $0.fields["authorization"] == nil })
  }

  @Test func `costs the token of a file, unless told otherwise`() throws {
    let hub = try LocalHub()
    try Fixtures.withTemporaryFolder { folder in
      try write("\n hf_file \n".utf8, folder + "/token")
      try write("hf_other".utf8, folder + "/elsewhere")
      for (variables, expected) in [
        ([:], "Bearer hf_file"), (["HF_TOKEN_PATH": folder + "/elsewhere"], "Bearer hf_other"),
        (["HF_TOKEN": "hf_variable"], "Bearer hf_variable"), (["HF_HUB_DISABLE_IMPLICIT_TOKEN": "1"], nil),
      ] as [([String: String], String?)] {
        hub.forget()
        let variables = variables.merging(["HF_HOME": folder]) { $1 }
        _ = try hub.client(cache: folder + "/hub", variables: variables).fetch(location)
        #expect(hub.server.requests[0].fields["authorization"] == expected, "\(variables)")
      }
    }
  }

  @Test func `tells how far it is, and stops when told to`() throws {
    let hub = try LocalHub()
    let total = LocalHub.chosen.reduce(0) { $0 + LocalHub.model[$1]!.content.count }
    struct Stop: Error {}
    try Fixtures.withTemporaryFolder { cache in
      let client = try hub.client(cache: cache)
      #expect(throws: Stop.self) {
        try client.fetch(location) { if $0.file == LocalHub.weights { throw Stop() } }
      }
      expectNothingLanded(cache, LocalHub.weights)
      var seen: [HubProgress] = []
      _ = try client.fetch(location) { if !$0.file.isEmpty { seen.append($0) } }
      #expect(seen.map(\.done) == seen.map(\.done).sorted())
      #expect(seen.last.map { [$0.done, $0.total] } == [200_000, 200_000])
      try FileManager.default.removeItem(atPath: cache + repository)
      _ = try client.fetch(location) { seen.append($0) }
      #expect(seen.last.map { [$0.done, $0.total] } == [total, total])
    }
  }
}

@Suite struct `A file on its way` {
  static let file = LocalHub.model[LocalHub.weights]!

  private static func incomplete(_ cache: String) -> String {
    "\(cache)\(repository)/blobs/\(file.sha256).incomplete"
  }

  @Test func `goes on where a connection was cut`() throws {
    let hub = try LocalHub(storeSpecial: { request in
      var reply = Reply.file(Self.file.content, request)
      reply.cut = 60_000
      return reply
    })
    let pauses = Pauses()
    try Fixtures.withTemporaryFolder { cache in
      let found = try hub.client(cache: cache, pauses: pauses).fetch(location)
      #expect(bytes("\(found.folder)/\(LocalHub.weights)") == Self.file.content)
    }
    #expect(hub.store.requests.map(\.rangeStart) == [nil, 60_000, 120_000, 180_000])
    #expect(pauses.all == [1, 1, 1], "every attempt brought something")
  }

  @Test(arguments: [1, 120_000, 199_999]) func `goes on where a killed program stopped`(count: Int) throws {
    let hub = try LocalHub()
    try Fixtures.withTemporaryFolder { cache in
      try write(Self.file.content[..<count], Self.incomplete(cache))
      let found = try hub.client(cache: cache).fetch(location)
      #expect(bytes("\(found.folder)/\(LocalHub.weights)") == Self.file.content)
      #expect(hub.store.requests.map(\.rangeStart) == [count])
      #expect(bytes(Self.incomplete(cache)) == nil)
    }
  }

  @Test func `that was whole when the program was killed is not asked for`() throws {
    let hub = try LocalHub()
    try Fixtures.withTemporaryFolder { cache in
      try write(Self.file.content, Self.incomplete(cache))
      _ = try hub.client(cache: cache).fetch(location)
      #expect(hub.store.requests.isEmpty)
    }
  }

  @Test func `that is too long starts anew`() throws {
    let hub = try LocalHub()
    try Fixtures.withTemporaryFolder { cache in
      try write(Self.file.content + [0], Self.incomplete(cache))
      _ = try hub.client(cache: cache).fetch(location)
      #expect(hub.store.requests.map(\.rangeStart) == [nil])
    }
  }

  @Test func `starts anew where a server knows no ranges, or refuses this one`() throws {
    for (status, requests) in [(200, [1000]), (416, [1000, nil])] as [(Int, [Int?])] {
      let hub = try LocalHub(storeSpecial: { request in
        guard request.rangeStart != nil else { return nil }
        return status == 200 ? Reply(body: Self.file.content) : .failure(416)
      })
      try Fixtures.withTemporaryFolder { cache in
        try write([UInt8](repeating: 7, count: 1000), Self.incomplete(cache))
        let found = try hub.client(cache: cache).fetch(location)
        #expect(bytes("\(found.folder)/\(LocalHub.weights)") == Self.file.content)
        #expect(hub.store.requests.map(\.rangeStart) == requests)
      }
    }
  }

  @Test func `is left to another process that has it`() throws {
    let hub = try LocalHub()
    try Fixtures.withTemporaryFolder { cache in
      let lock = "\(cache)/.locks\(repository)/\(Self.file.sha256).lock"
      try write([], lock)
      let descriptor = open(lock, O_RDWR)
      #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
      var waits = 0
      let found = try hub.client(cache: cache).fetch(location) { progress in
        guard progress.file == LocalHub.weights else { return }
        waits += 1
        if waits == 2 {
          try write(Self.file.content, "\(cache)\(repository)/blobs/\(Self.file.sha256)")
          close(descriptor)
        }
      }
      #expect(waits >= 2)
      #expect(hub.store.requests.isEmpty)
      #expect(bytes("\(found.folder)/\(LocalHub.weights)") == Self.file.content)
    }
  }

  struct Lie: Sendable {
    let name: String
    let answer: @Sendable (Request) -> Reply
    let message: String
    /// Whether what came is kept for another time.
    var keeps = false
  }

  static let lies: [Lie] = [
    Lie(
      name: "another content", answer: { _ in Reply(body: file.content.reversed()) },
      message: "open_clip_model.safetensors: sha256 "),
    Lie(
      name: "too short", answer: { _ in Reply(body: Array(file.content.dropLast())) },
      message: "199999 bytes came, expected 200000"),
    Lie(name: "too long", answer: { _ in Reply(body: file.content + [0]) }, message: "200001 bytes came"),
    Lie(
      name: "longer than said",
      answer: { _ in
        Reply(fields: ["Transfer-Encoding": "chunked"], body: Array("F0000\r\n".utf8) + file.content + file.content)
      },
      message: "bytes came, expected 200000"),
    Lie(
      name: "another range",
      answer: { _ in Reply(status: 206, fields: ["Content-Range": "bytes 5-199999/200000"], body: file.content) },
      message: "asked for the bytes from 0, the answer says \"bytes 5-199999/200000\"", keeps: true),
    Lie(
      name: "a range of another file",
      answer: { _ in Reply(status: 206, fields: ["Content-Range": "bytes 0-9/10"], body: file.content) },
      message: "10 bytes came, expected 200000"),
    Lie(
      name: "always cut", answer: { _ in Reply(body: file.content, cut: 0) },
      message: "no answer after 3 attempts: ", keeps: true),
    Lie(name: "forbidden", answer: { _ in .failure(403) }, message: "status 403, expected 200", keeps: true),
  ]

  @Test(arguments: lies.indices) func `that is not what was promised never lands`(index: Int) throws {
    let lie = Self.lies[index]
    let hub = try LocalHub(storeSpecial: lie.answer)
    try Fixtures.withTemporaryFolder { cache in
      let error = #expect(throws: HubError.self, "\(lie.name)") { try hub.client(cache: cache).fetch(location) }
      let message = error.map { "\($0)" } ?? ""
      #expect(message.contains(lie.message), "\(lie.name): \(message)")
      #expect(!message.contains("\n"))
      expectNothingLanded(cache, LocalHub.weights)
      #expect((bytes(Self.incomplete(cache)) != nil) == lie.keeps, "\(lie.name)")
      #expect(bytes("\(cache)\(repository)/blobs/\(Self.file.sha256)") == nil)
    }
  }
}

@Suite struct `A hub` {
  struct Refusal: Sendable {
    let name: String
    let answer: @Sendable (Request) -> Reply?
    let message: String
    var token: String?
  }

  private static func onListing(_ reply: Reply) -> @Sendable (Request) -> Reply? {
    { $0.target.hasPrefix("/api/models/") ? reply : nil }
  }

  private static func challenge(_ text: String) -> @Sendable (Request) -> Reply? {
    onListing(Reply(status: 401, fields: ["WWW-Authenticate": text], body: Array("No.".utf8)))
  }

  private static func onHead(_ change: @escaping @Sendable (inout Reply) -> Void) -> @Sendable (Request) -> Reply? {
    { request in
      guard request.method == "HEAD" else { return nil }
      let file = LocalHub.model["open_clip_config.json"]!
      var reply = Reply(
        fields: ["ETag": "\"\(file.etag)\"", "X-Repo-Commit": LocalHub.commit], body: file.content)
      change(&reply)
      return reply
    }
  }

  private static func listing(_ name: String) -> Reply {
    .text(#"{"sha": "\#(LocalHub.commit)", "siblings": [{"rfilename": "config.json"}, {"rfilename": "\#(name)"}]}"#)
  }

  static let refusals: [Refusal] = [
    Refusal(
      name: "no repository", answer: onListing(.failure(404, "RepoNotFound")),
      message: "org/model: no such model at http://127.0.0.1:"),
    Refusal(name: "no repository, plainly", answer: onListing(.failure(404)), message: "org/model: no such model"),
    Refusal(
      name: "no revision", answer: onListing(.failure(404, "RevisionNotFound")), message: "no revision \"main\""),
    Refusal(
      name: "no file", answer: { $0.method == "HEAD" ? .failure(404, "EntryNotFound") : nil },
      message: "the hub lists \"open_clip_config.json\" but does not have it"),
    Refusal(name: "401", answer: onListing(.failure(401)), message: "set HF_TOKEN to a token that may read it"),
    Refusal(name: "401, bearer", answer: challenge("Bearer realm=\"x\""), message: "status 401"),
    Refusal(name: "401, basic", answer: challenge("Basic realm=\"x\""), message: "status 401"),
    Refusal(
      name: "401, digest", answer: challenge("Digest realm=\"x\", nonce=\"y\", qop=\"auth\""), message: "status 401",
      token: "hf_x"),
    Refusal(
      name: "403 with a token",
      answer: onListing(Reply(status: 403, fields: ["X-Error-Message": "Not\tyou"])),
      message:
        "status 403, \"Not\\tyou\": not there, or not for you; check the name, and check that the token of HF_TOKEN",
      token: "hf_x"),
    Refusal(
      name: "gated", answer: { $0.method == "HEAD" ? .failure(403, "GatedRepo") : nil },
      message: "accept them at http://127.0.0.1:"),
    Refusal(name: "teapot", answer: onListing(.failure(418)), message: "status 418, expected 200"),
    Refusal(name: "always busy", answer: onListing(.failure(503)), message: "no answer after 3 attempts: status 503"),
    Refusal(name: "a page", answer: onListing(.text("<html>")), message: "no list of files: no JSON"),
    Refusal(name: "deep JSON", answer: onListing(.text(String(repeating: "[", count: 100_000))), message: "no JSON"),
    Refusal(
      name: "no commit", answer: onListing(.text(#"{"sha": "../../x", "siblings": []}"#)), message: "is no commit"),
    Refusal(
      name: "too much", answer: onListing(Reply(body: [UInt8](repeating: 32, count: 17 << 20))),
      message: "an answer of more than 16777216 bytes"),
    Refusal(name: "up", answer: onListing(listing("../../x")), message: "a file named \"../../x\""),
    Refusal(name: "up inside", answer: onListing(listing("a/../../x")), message: "nothing is fetched"),
    Refusal(name: "absolute", answer: onListing(listing("/etc/passwd")), message: "a part of its path is empty"),
    Refusal(name: "accent", answer: onListing(listing(#"../\u0301x"#)), message: "'.' or '..'"),
    Refusal(name: "no name", answer: onListing(listing("")), message: "it is empty"),
    Refusal(name: "zero", answer: onListing(listing(#"a\u0000b"#)), message: "control character"),
    Refusal(
      name: "round and round", answer: { .redirect($0.target) }, message: "redirected more than 10 times"),
    Refusal(name: "to a file", answer: onListing(.redirect("file:///etc/passwd")), message: "redirected to \"file://"),
    Refusal(name: "to nowhere", answer: onListing(.redirect("http://")), message: "redirected to \"http://\""),
    Refusal(
      name: "other commit", answer: onHead { $0.fields["X-Repo-Commit"] = String(repeating: "ab", count: 20) },
      message: "open_clip_config.json: commit \"abab"),
    Refusal(
      name: "no commit in the head", answer: onHead { $0.fields["X-Repo-Commit"] = nil },
      message: "an answer without X-Repo-Commit"),
    Refusal(
      name: "other hash", answer: onHead { $0.fields["ETag"] = String(repeating: "a", count: 64) },
      message: "open_clip_config.json: hash \"aaaa"),
    Refusal(
      name: "other size", answer: onHead { $0.fields["X-Linked-Size"] = "5" },
      message: "open_clip_config.json: size \"5\", expected \"17\" as listed"),
  ]

  @Test(arguments: refusals.indices) func `that refuses or lies is told of by name`(index: Int) throws {
    let refusal = Self.refusals[index]
    let hub = try LocalHub(special: refusal.answer)
    try Fixtures.withTemporaryFolder { folder in
      let cache = folder + "/in/cache"
      let client = try hub.client(cache: cache, variables: refusal.token.map { ["HF_TOKEN": $0] } ?? [:])
      let error = #expect(throws: HubError.self, "\(refusal.name)") { try client.fetch(location) }
      let message = error.map { "\($0)" } ?? ""
      #expect(message.contains(refusal.message), "\(refusal.name): \(message)")
      #expect(!message.contains("\n"))
      expectNothingLanded(cache, "open_clip_config.json")
      #expect(names(folder) == ["in"] || names(folder) == [])
      #expect(hub.store.requests.isEmpty)
      let absent = "\(cache)\(repository)/.no_exist/\(LocalHub.commit)/open_clip_config.json"
      #expect(FileManager.default.fileExists(atPath: absent) == (refusal.name == "no file"))
    }
  }

  @Test func `that lists names only is asked for the rest`() throws {
    let names = LocalHub.model.keys.map { #"{"rfilename": "\#($0)"}"# }.joined(separator: ",")
    let hub = try LocalHub(
      special: Self.onListing(.text(#"{"sha": "\#(LocalHub.commit)", "siblings": [\#(names)]}"#)))
    try Fixtures.withTemporaryFolder { cache in
      let found = try hub.client(cache: cache).fetch(location)
      #expect(bytes("\(found.folder)/\(LocalHub.weights)") == LocalHub.model[LocalHub.weights]!.content)
      #expect(FileManager.default.fileExists(atPath: "\(cache)\(repository)/trees") == false)
    }
  }

  @Test(arguments: ["W/\"HASH\"", "HASH", "\"HASH\""]) func `may write an ETag in any way`(form: String) throws {
    let hub = try LocalHub(
      special: Self.onHead {
        $0.fields["ETag"] = form.replacingOccurrences(of: "HASH", with: $0.fields["ETag"]!.filter { $0 != "\"" })
      })
    try Fixtures.withTemporaryFolder { cache in
      let selection = HubSelection(configurations: ["open_clip_config.json"], companions: [], weights: [])
      let found = try hub.client(cache: cache).fetch(location, files: selection)
      #expect(text(found.folder + "/open_clip_config.json") == #"{"model_cfg": {}}"#)
    }
  }

  @Test func `behind a proxy with other ETags is checked by its list`() throws {
    let hub = try LocalHub(special: { request in
      guard request.method == "HEAD", let file = LocalHub.model[(request.target as NSString).lastPathComponent] else {
        return nil
      }
      return Reply(
        fields: ["ETag": "W/\"5e-6123\"", "X-Repo-Commit": LocalHub.commit], body: file.content)
    })
    try Fixtures.withTemporaryFolder { cache in
      let found = try hub.client(cache: cache).fetch(location)
      #expect(found.files == LocalHub.chosen)
    }
  }

  @Test func `without hashes is not believed`() throws {
    let list = Self.listing("model.safetensors")
    let hub = try LocalHub(special: { request in
      if request.target.hasPrefix("/api/") { return list }
      return Reply(fields: ["ETag": "\"5e-6123\"", "X-Repo-Commit": LocalHub.commit])
    })
    try Fixtures.withTemporaryFolder { cache in
      _ = #expect(throws: HubError.unverifiable(file: "config.json", etag: "\"5e-6123\"")) {
        try hub.client(cache: cache).fetch(location)
      }
    }
  }

  @Test(arguments: [("429", 7.0), ("503", 1), ("500", 1), ("408", 1)])
  func `that is busy is asked again`(status: String, pause: Double) throws {
    let asked = Mutex<Set<String>>([])
    let hub = try LocalHub(special: { request in
      let question = request.method + (request.target as NSString).lastPathComponent
      guard asked.withLock({ $0.insert(question).inserted }) else { return nil }
      return Reply(status: Int(status)!, fields: status == "429" ? ["Retry-After": "7"] : [:])
    })
    let pauses = Pauses()
    try Fixtures.withTemporaryFolder { cache in
      let found = try hub.client(cache: cache, pauses: pauses).fetch(location)
      #expect(found.files == LocalHub.chosen)
    }
    #expect(!pauses.all.isEmpty && pauses.all.allSatisfy { $0 == pause }, "\(pauses.all)")
  }

  @Test func `that never answers is given up`() throws {
    let hub = try LocalHub(special: { _ in .silence })
    let pauses = Pauses()
    try Fixtures.withTemporaryFolder { cache in
      let error = #expect(throws: HubError.self) {
        try hub.client(cache: cache, pauses: pauses, timeout: 0.1).fetch(location)
      }
      #expect(error.map { "\($0)".contains("no answer after 3 attempts: nothing came for 0.1 s") } == true)
      #expect(pauses.all == [1, 2])
    }
  }

  @Test func `that is gone leaves what was there, with a note`() throws {
    try Fixtures.withTemporaryFolder { cache in
      var hub: LocalHub? = try LocalHub()
      let address = hub!.server.address
      let first = try hub!.client(cache: cache).fetch(location)
      hub = nil
      let pauses = Pauses()
      let again = try client(at: address, cache: cache, pauses: pauses).fetch(location)
      #expect(again.folder == first.folder && again.files == first.files)
      #expect(again.notes.count == 1)
      #expect(again.notes.first?.description.contains("using commit \(LocalHub.commit) from the cache") == true)
      #expect(pauses.all == [], "asked once")
      #expect(throws: HubError.self) { try client(at: address, cache: cache + "/other").fetch(location) }
    }
  }
}

@Suite struct `Offline` {
  private static let variables = ["HF_HUB_OFFLINE": "1"]

  @Test func `nothing is asked, and what is there is found`() throws {
    let hub = try LocalHub()
    try Fixtures.withTemporaryFolder { cache in
      let first = try hub.client(cache: cache).fetch(location)
      hub.forget()
      let offline = try hub.client(cache: cache, variables: Self.variables)
      #expect(try offline.fetch(location) == first)
      #expect(try offline.fetch(atCommit) == first)
      let missing = try HubLocation("org/other")
      #expect(throws: HubError.offline(missing, cache: cache, because: "HF_HUB_OFFLINE")) {
        try offline.fetch(missing)
      }
      #expect(hub.requests.isEmpty)
    }
  }

  /// What other programs leave: no list of files, and not all of them.
  static let partial: [(files: [String], isEnough: Bool)] = [
    (["open_clip_config.json", "model.safetensors"], true), (["config.json", "pytorch_model.bin"], true),
    (["config.json", "model-00001-of-00002.safetensors"], false), (["config.json"], false),
    (["model.safetensors"], false),
    ([], false),
  ]

  @Test(arguments: partial) func `a snapshot of others is used when it is enough`(files: [String], isEnough: Bool)
    throws
  {
    let hub = try LocalHub()
    try Fixtures.withTemporaryFolder { cache in
      for file in files { try write([1], "\(cache)\(repository)/snapshots/\(LocalHub.commit)/\(file)") }
      try write(LocalHub.commit.utf8, "\(cache)\(repository)/refs/main")
      let offline = try hub.client(cache: cache, variables: Self.variables)
      #expect((try? offline.fetch(location).files) == (isEnough ? files.sorted() : nil))
    }
  }

  @Test func `a file cut short, or a link to nowhere, is missing`() throws {
    let hub = try LocalHub()
    for damage in [{ truncate($0, 5) }, { unlink($0) }] as [(String) -> Int32] {
      try Fixtures.withTemporaryFolder { cache in
        let online = try hub.client(cache: cache)
        _ = try online.fetch(atCommit)
        let blob = "\(cache)\(repository)/blobs/\(LocalHub.model[LocalHub.weights]!.sha256)"
        #expect(damage(blob) == 0)
        hub.forget()
        let offline = try hub.client(cache: cache, variables: Self.variables)
        #expect(throws: HubError.self) { try offline.fetch(atCommit) }
        let found = try online.fetch(atCommit)
        #expect(bytes("\(found.folder)/\(LocalHub.weights)") == LocalHub.model[LocalHub.weights]!.content)
        #expect(hub.store.requests.count == 1)
      }
    }
  }

  @Test func `a blob of the right size and another content is fetched again before it is linked`() throws {
    let hub = try LocalHub()
    try Fixtures.withTemporaryFolder { cache in
      let file = try #require(LocalHub.model[LocalHub.weights])
      try write([UInt8](repeating: 7, count: file.content.count), "\(cache)\(repository)/blobs/\(file.sha256)")
      let found = try hub.client(cache: cache).fetch(location)
      #expect(bytes("\(found.folder)/\(LocalHub.weights)") == file.content)
      #expect(hub.store.requests.count == 1)
    }
  }

  @Test(
    arguments: ["snapshots", "snapshots/\(LocalHub.commit)", "blobs", "refs"].map { "\(repository)/\($0)" }
      + ["/.locks", "/.locks\(repository)"])
  func `nothing is written through a link in place of a folder of the cache`(path: String) throws {
    let hub = try LocalHub()
    try Fixtures.withTemporaryFolder { folder in
      let place = "\(folder)/cache\(path)"
      try write([], place + "/x")
      try FileManager.default.removeItem(atPath: place)
      try FileManager.default.createDirectory(atPath: folder + "/elsewhere", withIntermediateDirectories: true)
      #expect(symlink(folder + "/elsewhere", place) == 0)
      let error = #expect(throws: HubError.self) { try hub.client(cache: folder + "/cache").fetch(location) }
      #expect(
        error?.description.contains("\(path): not a folder, or a link to one") == true, "\(error?.description ?? "")")
      #expect(names(folder + "/elsewhere") == [])
    }
  }

  @Test(arguments: ["not a commit", "../../../etc", ""]) func `a reference that lies is none`(text: String) throws {
    try Fixtures.withTemporaryFolder { cache in
      try write(text.utf8, "\(cache)\(repository)/refs/main")
      #expect(HubCache(root: cache).snapshot(of: location) == nil)
    }
  }
}
