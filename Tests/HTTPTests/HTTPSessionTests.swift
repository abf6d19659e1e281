import Foundation
import HTTP
import TestSupport
import Testing

private func address(_ server: RawServer, _ path: String = "/") throws -> HTTPAddress {
  try #require(HTTPAddress(server.address + path))
}

/// What a session gives for a GET, while which the server is kept running.
private func get(
  _ server: RawServer, _ path: String = "/", limit: Int = .max, session: HTTPSession = HTTPSession()
) throws -> (head: HTTPHead, body: [UInt8]) {
  try withExtendedLifetime(server) { try session.send(HTTPRequest(.get, address(server, path), limit: limit)) }
}

/// What a session gives for a GET from a server that always answers the same.
private func answer(_ reply: Reply, limit: Int = .max) throws -> (head: HTTPHead, body: [UInt8]) {
  try get(RawServer { _ in reply }, limit: limit)
}

/// Keeps what comes and refuses what it is told to.
private final class Receiver: HTTPReceiver {
  struct Refusal: Error {}
  var statuses: [Int] = []
  var bytes: [UInt8] = []
  let refusesHead: Bool
  let longest: Int

  init(refusesHead: Bool = false, longest: Int = .max) {
    self.refusesHead = refusesHead
    self.longest = longest
  }

  func begin(_ head: HTTPHead) throws {
    statuses.append(head.status)
    if refusesHead { throw Refusal() }
  }

  func append(_ piece: UnsafeRawBufferPointer) throws {
    bytes.append(contentsOf: piece)
    if bytes.count > longest { throw Refusal() }
  }
}

@Suite struct `A request` {
  @Test(
    arguments: [
      (.get, [], "GET"), (.head, [], "HEAD"), (.post, Array("{}".utf8), "POST"), (.post, [], "POST"),
      (.post, [UInt8](repeating: 0, count: 3_000_000), "POST"),
    ] as [(HTTPRequest.Method, [UInt8], String)])
  func `arrives as it was meant`(method: HTTPRequest.Method, body: [UInt8], name: String) throws {
    let server = try RawServer { _ in .text("Hello") }
    let fields = ["Content-Type": "application/json", "X-Umlaut": "ü"]
    let request = HTTPRequest(method, try address(server, "/a%20b?c=d"), fields: fields, body: body)
    let (head, answer) = try HTTPSession().send(request)
    #expect(head.status == 200)
    #expect(answer == (method == .head ? [] : Array("Hello".utf8)))
    let found = try #require(server.requests.first)
    #expect(found.method == name)
    #expect(found.target == "/a%20b?c=d")
    #expect(found.body == body)
    #expect(found.fields["content-type"] == "application/json")
    #expect(found.fields["x-umlaut"] == "ü")
    #expect(found.fields["accept-encoding"] == "identity")
    #expect(found.fields["user-agent"] == "headatlas")
    #expect(found.fields["range"] == nil)
    #expect(found.fields["expect"] == nil)
    #expect(found.fields["authorization"] == nil)
  }

  @Test func `asks for the rest of a file`() throws {
    let content = Array(UInt8(0)..<100)
    let server = try RawServer { .file(content, $0) }
    let (head, body) = try HTTPSession().send(HTTPRequest(.get, address(server), start: 40))
    #expect(server.requests.map(\.rangeStart) == [40])
    #expect(head.status == 206)
    #expect(head.range?.start == 40)
    #expect(head.range?.total == 100)
    #expect(body == Array(content[40...]))
  }

  @Test(arguments: [("A", "x\r\nB: y"), ("A\nB", "x"), ("A", "\u{0}"), ("", "x")])
  func `with a header that breaks it is not sent`(name: String, value: String) throws {
    let server = try RawServer { _ in .text("") }
    let url = try address(server)
    #expect(throws: HTTPError.badField(name)) {
      _ = try HTTPSession().send(HTTPRequest(.get, url, fields: [name: value]))
    }
    #expect(throws: HTTPError.badField(name)) {
      _ = try HTTPSession().send(HTTPRequest(.get, url, secrets: [name: value]))
    }
    #expect(server.requests.isEmpty)
  }
}

@Suite struct `An answer` {
  @Test func `has headers by name`() throws {
    let fields = ["X-One": "  a b ", "x-number": "12", "X-Negative": "-1", "X-Colon": "a:b", "X-Empty": ""]
    let (head, _) = try answer(Reply(fields: fields))
    #expect(head["x-ONE"] == "a b")
    #expect(head.number("X-Number") == 12)
    #expect(head.number("X-Negative") == nil)
    #expect(head["X-Colon"] == "a:b")
    #expect(head["X-Empty"] == "")
    #expect(head["X-None"] == nil)
  }

  @Test func `that comes after an interim one is the one that counts`() throws {
    let early = "HTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n"
    let (head, body) = try answer(Reply(status: 404, fields: ["X-Late": "1"], body: [1], preamble: early))
    #expect(head.status == 404)
    #expect(head["X-Late"] == "1")
    #expect(head["X-Early"] == nil)
    #expect(body == [1])
  }

  @Test func `in pieces comes whole, without what follows it`() throws {
    let pieces = "5\r\nHello\r\n1\r\n!\r\n0\r\nX-After: 1\r\n\r\n"
    let (head, body) = try answer(Reply(fields: ["Transfer-Encoding": "chunked"], body: Array(pieces.utf8)))
    #expect(body == Array("Hello!".utf8))
    #expect(head["X-After"] == nil)
  }

  @Test func `may be as long as the limit and no longer`() throws {
    let long = Reply(body: [UInt8](repeating: 1, count: 100_000))
    #expect(try answer(long, limit: 100_000).body.count == 100_000)
    let error = #expect(throws: HTTPError.self) { _ = try answer(long, limit: 99_999) }
    #expect(error.map { "\($0)".hasSuffix(": an answer of more than 99999 bytes") } == true)
  }

  @Test func `with endless headers is refused`() throws {
    let fields = Dictionary(uniqueKeysWithValues: (0..<200).map { ("X-\($0)", String(repeating: "a", count: 10_000)) })
    #expect(throws: (any Error).self) { _ = try answer(Reply(fields: fields)) }
  }

  @Test(
    arguments: [
      ("7", 7), ("0", 0), ("-5", nil), ("soon", nil), ("Wed, 21 Oct 2015 07:28:00 GMT", 0), (nil, nil),
    ] as [(String?, Double?)])
  func `may ask to be left alone`(text: String?, seconds: Double?) throws {
    let head = try answer(Reply(status: 503, fields: text.map { ["Retry-After": $0] } ?? [:])).head
    #expect(head.retryAfter == seconds)
    #expect(head.transientFailure == .status(503, retryAfter: seconds))
  }

  @Test func `may ask to be left alone until a time to come`() throws {
    var (later, broken, text) = (time(nil) + 100, tm(), [CChar](repeating: 0, count: 64))
    gmtime_r(&later, &broken)
    #expect(strftime(&text, text.count, "%a, %d %b %Y %H:%M:%S GMT", &broken) > 0)
    let date = text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    let seconds = try #require(try answer(Reply(status: 429, fields: ["Retry-After": date])).head.retryAfter)
    #expect((80...100).contains(seconds))
  }

  @Test(arguments: [(200, false), (404, false), (408, true), (429, true), (500, true), (503, true)])
  func `is worth another attempt or not`(status: Int, isTransient: Bool) throws {
    #expect((try answer(Reply(status: status)).head.transientFailure != nil) == isTransient)
  }

  @Test(arguments: ["bytes 5-9/10", "bytes 5-9/*"]) func `says which part it is`(text: String) throws {
    let range = try #require(try answer(Reply(status: 206, fields: ["Content-Range": text])).head.range)
    #expect(range.start == 5)
    #expect(range.total == (text.hasSuffix("*") ? nil : 10))
  }

  @Test(arguments: ["bytes */10", "bytes 5-9", "5-9/10", "bytes 99999999999999999999-9/10", ""])
  func `that does not say which part it is says nothing`(text: String) throws {
    #expect(try answer(Reply(status: 206, fields: ["Content-Range": text])).head.range == nil)
  }

  @Test func `goes to its receiver, which may refuse it`() throws {
    let server = try RawServer { $0.target == "/" ? .redirect("/b") : Reply(status: 404, body: [1, 2, 3]) }
    let request = HTTPRequest(.get, try address(server))
    let all = Receiver()
    #expect(try HTTPSession().send(request, to: all).status == 404)
    #expect(all.statuses == [404], "not the redirect")
    #expect(all.bytes == [1, 2, 3])
    let session = HTTPSession()
    let refusing = Receiver(refusesHead: true)
    #expect(throws: Receiver.Refusal.self) { _ = try session.send(request, to: refusing) }
    #expect(refusing.bytes == [])
    #expect(throws: Receiver.Refusal.self) { _ = try session.send(request, to: Receiver(longest: 2)) }
    #expect(try get(server, session: session).body == [1, 2, 3], "the session is good for another request")
  }
}

@Suite struct `A redirect` {
  @Test(arguments: [301, 302, 303, 307, 308]) func `is followed`(status: Int) throws {
    for method in [HTTPRequest.Method.get, .head, .post] {
      let server = try RawServer { $0.target == "/a/b" ? .redirect("../ü c", status: status) : .text("there") }
      let request = HTTPRequest(method, try address(server, "/a/b"), body: method == .post ? [1, 2] : [])
      let (head, body) = try HTTPSession().send(request)
      #expect(head.status == 200)
      #expect(head.address.description.hasSuffix("/%c3%bc%20c") || head.address.description.hasSuffix("/%C3%BC%20c"))
      #expect(body == (method == .head ? [] : Array("there".utf8)))
      let second = server.requests[1]
      #expect(second.method == (method == .post && status < 307 ? "GET" : method.rawValue))
      #expect(second.body == (method == .post && status >= 307 ? [1, 2] : []))
    }
  }

  @Test func `to another origin takes no secrets along, and back gives them again`() throws {
    let away = try RawServer { .redirect("http:/\($0.target)/back") }
    let awayAddress = away.address
    let home = try RawServer { request in
      switch request.target {
      case "/": .redirect("/next")
      case "/next": .redirect("\(awayAddress)/\(request.fields["host"]!)")
      default: .text("done")
      }
    }
    let request = HTTPRequest(
      .get, try address(home), fields: ["X-Plain": "p"], secrets: ["Authorization": "Bearer t", "X-Key": "k"])
    #expect(try HTTPSession().send(request).body == Array("done".utf8))
    #expect(home.requests.map(\.target) == ["/", "/next", "/back"])
    #expect(away.requests.count == 1)
    for found in home.requests {
      #expect(found.fields["authorization"] == "Bearer t" && found.fields["x-key"] == "k")
    }
    for found in away.requests {
      #expect(found.fields["authorization"] == nil && found.fields["x-key"] == nil)
      #expect(found.fields["x-plain"] == "p")
    }
  }

  @Test(arguments: ["file:///etc/passwd", "ftp://127.0.0.1/", "http://", "gopher://127.0.0.1/", "javascript:0"])
  func `to what is not the web is refused`(location: String) throws {
    let server = try RawServer { _ in .redirect(location) }
    #expect(throws: HTTPError.badRedirect(url: server.address + "/", location: location)) { _ = try get(server) }
  }

  @Test func `is followed ten times, and no more`() throws {
    let server = try RawServer { request in
      let count = Int(request.target.dropFirst()) ?? 0
      return count == 0 ? .text("done") : .redirect("/\(count - 1)")
    }
    #expect(try get(server, "/10").head.status == 200)
    #expect(throws: HTTPError.tooManyRedirects(url: server.address + "/11", limit: 10)) { _ = try get(server, "/11") }
  }

  @Test func `is not followed where the caller stops`() throws {
    let server = try RawServer { $0.target == "/" ? .redirect("/b") : .text("there") }
    let head = try HTTPSession().send(HTTPRequest(.head, address(server)), stopsAt: { $0["Location"] == "/b" }).head
    #expect(head.status == 302)
    #expect(try head.redirect()?.description == server.address + "/b")
    #expect(server.requests.count == 1)
  }
}

@Suite struct `A connection` {
  @Test func `that cannot be made is a transient failure`() throws {
    let gone = try RawServer { _ in .text("") }.address
    let url = try #require(HTTPAddress(gone))
    let failure = #expect(throws: TransientFailure.self) { _ = try HTTPSession().send(HTTPRequest(.get, url)) }
    guard case .connection(let reason) = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
    #expect(reason.contains("127.0.0.1"), "\(reason)")
  }

  @Test(arguments: [0, 5]) func `that is cut is a transient failure`(cut: Int) throws {
    let failure = #expect(throws: TransientFailure.self) { _ = try answer(Reply(body: Array(0..<10), cut: cut)) }
    if case .connection = failure {} else { Issue.record("\(String(describing: failure))") }
  }

  @Test(arguments: [nil, 0, 5]) func `that falls silent is given up`(cut: Int?) throws {
    let server = try RawServer { _ in Reply(body: Array(0..<10), cut: cut, isSilent: true) }
    let session = HTTPSession(timeouts: HTTPTimeouts(connect: 10, stall: 0.2))
    #expect(throws: TransientFailure.stalled(seconds: 0.2)) { _ = try get(server, session: session) }
  }

  @Test func `is let go when the caller says so`() throws {
    struct Stop: Error {}
    let server = try RawServer { _ in .silence }
    let url = try address(server)
    let clock = ContinuousClock()
    let start = clock.now
    var ticks = 0
    #expect(throws: Stop.self) {
      let session = HTTPSession(timeouts: HTTPTimeouts(stall: 60))
      let tick = {
        ticks += 1
        if ticks == 3 { throw Stop() }
      }
      _ = try session.send(HTTPRequest(.get, url), tick: tick)
    }
    #expect(ticks == 3 && server.requests.count <= 1)
    #expect(clock.now - start < .seconds(30))
  }

  /// In a process of its own, whose environment is its own.
  @Test func `goes through the proxy that the environment names`() async {
    await #expect(processExitsWith: .success) {
      let proxy = try RawServer { _ in .text("by proxy") }
      let direct = try RawServer { _ in .text("direct") }
      setenv("http_proxy", proxy.address, 1)
      setenv("no_proxy", "127.0.0.1", 1)
      let far = try #require(HTTPAddress("http://nowhere.invalid/a"))
      let (_, body) = try HTTPSession().send(HTTPRequest(.get, far, secrets: ["Authorization": "Bearer t"]))
      #expect(body == Array("by proxy".utf8))
      #expect(proxy.requests.map(\.target) == ["http://nowhere.invalid/a"])
      #expect(try get(direct).body == Array("direct".utf8))
    }
  }

  /// In a process of its own, whose home is its own.
  @Test func `sends no password of a file that nobody named`() async {
    await #expect(processExitsWith: .success) {
      try Fixtures.withTemporaryFolder { home in
        try Data("machine 127.0.0.1 login a password b\n".utf8).write(to: URL(fileURLWithPath: home + "/.netrc"))
        setenv("HOME", home, 1)
        let server = try RawServer { _ in Reply(status: 401, fields: ["WWW-Authenticate": "Basic realm=\"x\""]) }
        #expect(try get(server).head.status == 401)
        #expect(server.requests.map { $0.fields["authorization"] } == [nil])
      }
    }
  }
}

@Suite struct `An address` {
  @Test(arguments: [
    ("http://a", "a", "80", false), ("https://A.example:8443/x?y#z", "a.example", "8443", true),
    ("https://[::1]/", "[::1]", "443", true), ("HTTP://u:p@b/", "b", "80", false),
  ])
  func `has an origin`(text: String, host: String, port: String, isSecure: Bool) throws {
    let origin = try #require(HTTPAddress(text)).origin
    #expect(origin.host == host)
    #expect(origin.port == port)
    #expect(origin.isSecure == isSecure)
  }

  @Test(arguments: ["", "a", "a/b", "ftp://a", "file:///x", "http://", "http:// x", "http://a b", "http://a\u{0}b"])
  func `is of http or https, or is none`(text: String) { #expect(HTTPAddress(text) == nil) }

  @Test(arguments: [
    ("https://a/x", "https://b/y", true), ("http://a", "http://b:81", true), ("http://a", "https://a", true),
    ("https://a", "http://a", false), ("http://a", "ftp://a", false), ("https://a", "file:///a", false),
    ("https://a", "//b/c", true), ("https://a/b", "c", true),
  ])
  func `may be redirected to no less secure a place`(from: String, to: String, isAllowed: Bool) throws {
    #expect((try #require(HTTPAddress(from)).redirected(to: to) != nil) == isAllowed)
  }
}
