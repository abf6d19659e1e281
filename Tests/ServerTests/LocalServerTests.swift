import Files
import Foundation
import Server
import Synchronization
import TestSupport
import Testing

private final class Flag: Sendable {
  private let value = Atomic(false)
  var isSet: Bool { value.load(ordering: .relaxed) }
  func set() { value.store(true, ordering: .relaxed) }
}

/// Over sockets, as clients see it.
@Suite("The server") struct LocalServerTests {
  /// Runs a server of one page on a free port for as long as `body` runs.
  private func withServer(_ body: (Int) throws -> Void) throws {
    try Fixtures.withTemporaryFolder { site in
      try writeFile("<p>page</p>".utf8, to: site + "/index.html")
      let isOver = Flag()
      let ended = DispatchSemaphore(value: 0)
      let server = try LocalServer(port: 0) { port in SiteServer(site, port: port).answer }
      let port = server.port
      // The server is this thread's, which only waits until it has ended.
      nonisolated(unsafe) let running = server
      Thread.detachNewThread {
        try? running.run { !isOver.isSet }
        ended.signal()
      }
      defer {
        isOver.set()
        ended.wait()
      }
      try body(port)
    }
  }

  private func page(_ port: Int, _ method: String = "GET") -> String {
    "\(method) / HTTP/1.1\r\nHost: localhost:\(port)\r\nConnection: close\r\n\r\n"
  }

  @Test("gives a page, and by HEAD the same head without it") func heads() throws {
    try withServer { port in
      for method in ["GET", "HEAD"] {
        let found = try LocalClient.answer(page(port, method), port)
        #expect(found.hasPrefix("HTTP/1.1 200 OK\r\n"))
        #expect(found.contains("Content-Length: 11\r\n"))
        #expect(found.hasSuffix(method == "GET" ? "\r\n\r\n<p>page</p>" : "\r\n\r\n"))
      }
      // Two requests on one connection.
      let two = try LocalClient.answer("GET / HTTP/1.1\r\nHost: localhost:\(port)\r\n\r\n" + page(port), port)
      #expect(two.components(separatedBy: "<p>page</p>").count == 3)
      let length = "Content-Length: 9000000"
      for (method, host, more, status) in [
        ("GET", "elsewhere", "Connection: close", 421), ("POST", "localhost", length, 405),
        ("GET", "localhost", length, 200),
      ] {
        let found = try LocalClient.answer("\(method) / HTTP/1.1\r\nHost: \(host):\(port)\r\n\(more)\r\n\r\n", port)
        #expect(found.hasPrefix("HTTP/1.1 \(status) "))
      }
    }
  }

  @Test("takes no host of two") func twoHosts() throws {
    try withServer { port in
      let (own, other) = ("Host: localhost:\(port)\r\n", "hOST: elsewhere:\(port)\r\n")
      for hosts in [own + other, other + own, own + own, ""] {
        let found = try LocalClient.answer("GET / HTTP/1.1\r\n\(hosts)Connection: close\r\n\r\n", port)
        #expect(!found.contains(" 200 ") && !found.contains("<p>page</p>"), "\(hosts)")
      }
    }
  }

  @Test("refuses a head that is too long, and goes on", arguments: [20_000, 1_000_000, 8_000_000])
  func longHeads(_ count: Int) throws {
    try withServer { port in
      let long = String(repeating: "a", count: count)
      let requests = [
        "GET / HTTP/1.1\r\nHost: localhost:\(port)\r\nX: \(long)\r\n\r\n", "GET /\(long) HTTP/1.1\r\n\r\n", long,
        "GET / HTTP/1.1\r\n" + (0..<count / 4).map { _ in "a:b\n" }.joined() + "\r\n\r\n",
      ]
      for request in requests {
        let found = try LocalClient.answer(request, port)
        #expect(!found.contains(" 200 "))
      }
      let found = try LocalClient.answer(page(port), port)
      #expect(found.hasSuffix("<p>page</p>"))
    }
  }

  @Test("answers others while many connections send nothing, or half a head, or take nothing") func slow() throws {
    try withServer { port in
      let half = page(port).dropLast(6)
      let sockets = try (0..<120).map { place in
        let socket = try LocalClient.connection(to: port)
        LocalClient.send(place % 3 == 0 ? "" : place % 3 == 1 ? String(half) : page(port), socket)
        return socket
      }
      defer { for socket in sockets { close(socket) } }
      for _ in 0..<20 {
        let found = try LocalClient.answer(page(port), port)
        #expect(found.hasSuffix("<p>page</p>"))
      }
    }
  }

  @Test("says so where another has its port") func port() throws {
    try withServer { port in
      #expect(throws: ServerError.portInUse(port)) {
        _ = try LocalServer(port: port) { _ in { _ in Answer(404, "") } }
      }
      #expect(
        "\(ServerError.portInUse(8000))" == "port 8000: another program uses it; stop that one, or try --port 8001")
    }
  }
}
