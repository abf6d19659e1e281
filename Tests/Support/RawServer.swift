import Foundation
import Synchronization

/// One request as it came.
package struct Request: Sendable {
  package let method: String
  /// Path and query, still escaped.
  package let target: String
  /// Names in lower case.
  package let fields: [String: String]
  package let body: [UInt8]

  package var rangeStart: Int? {
    fields["range"].flatMap { Int($0.dropFirst("bytes=".count).prefix { $0 != "-" }) }
  }
}

/// What a server says, and how it may fail to.
package struct Reply: Sendable {
  package var status: Int
  package var fields: [String: String]
  package var body: [UInt8]
  /// The connection is cut after so many bytes of the body.
  package var cut: Int?
  /// Nothing is said after what `cut` allows of the body, and nothing at all without it, and the connection stays.
  package var isSilent: Bool
  /// Bytes before the status line.
  package var preamble: String

  package init(
    status: Int = 200, fields: [String: String] = [:], body: [UInt8] = [], cut: Int? = nil, isSilent: Bool = false,
    preamble: String = ""
  ) {
    self.status = status
    self.fields = fields
    self.body = body
    self.cut = cut
    self.isSilent = isSilent
    self.preamble = preamble
  }

  package static let silence = Reply(isSilent: true)

  package static func text(_ text: String) -> Reply { Reply(body: Array(text.utf8)) }

  package static func failure(_ status: Int, _ code: String? = nil) -> Reply {
    Reply(status: status, fields: code.map { ["X-Error-Code": $0] } ?? [:])
  }

  package static func redirect(_ location: String, status: Int = 302) -> Reply {
    Reply(status: status, fields: ["Location": location])
  }

  /// A file, or the part of it that was asked for.
  package static func file(_ content: [UInt8], _ request: Request) -> Reply {
    guard let start = request.rangeStart else { return Reply(body: content) }
    guard start < content.count else {
      return Reply(status: 416, fields: ["Content-Range": "bytes */\(content.count)"])
    }
    return Reply(
      status: 206, fields: ["Content-Range": "bytes \(start)-\(content.count - 1)/\(content.count)"],
      body: Array(content[start...]))
  }
}

/// A server on 127.0.0.1 that can be rude: it cuts connections, lies about sizes and keeps silent, which HTTP servers
/// made for use do not do.
package final class RawServer: Sendable {
  package let port: UInt16
  private let descriptor: Int32
  private let answer: @Sendable (Request) -> Reply
  private let log = Mutex<[Request]>([])
  private let silent = Mutex<[Int32]>([])

  package init(_ answer: @escaping @Sendable (Request) -> Reply) throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutablePointer(to: &address) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && listen(descriptor, 64) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard isListening else { throw POSIXError(.EADDRNOTAVAIL) }
    self.descriptor = descriptor
    self.answer = answer
    port = UInt16(bigEndian: address.sin_port)
    // Holds the socket only, so that the server ends with its last user; and closes it, so that no other server gets its
    // number while this thread may still accept.
    Thread.detachNewThread { [weak self] in
      while true {
        let connection = accept(descriptor, nil, nil)
        guard connection >= 0, let self else {
          close(descriptor)
          if connection >= 0 { close(connection) }
          return
        }
        Thread.detachNewThread { self.serve(connection) }
      }
    }
  }

  deinit {
    shutdown(descriptor, Int32(SHUT_RDWR))
    for connection in silent.withLock({ $0 }) { close(connection) }
  }

  package var address: String { "http://127.0.0.1:\(port)" }

  package var requests: [Request] { log.withLock { $0 } }

  package func forget() { log.withLock { $0 = [] } }

  private func serve(_ connection: Int32) {
    guard let request = readRequest(connection) else {
      close(connection)
      return
    }
    log.withLock { $0.append(request) }
    let reply = answer(request)
    if !reply.isSilent || reply.cut != nil { write(reply, to: request, connection) }
    if reply.isSilent {
      silent.withLock { $0.append(connection) }
    } else {
      close(connection)
    }
  }

  private func write(_ reply: Reply, to request: Request, _ connection: Int32) {
    var fields = reply.fields
    fields["Connection"] = "close"
    if fields["Content-Length"] == nil { fields["Content-Length"] = "\(reply.body.count)" }
    let head =
      reply.preamble + "HTTP/1.1 \(reply.status) Status\r\n" + fields.map { "\($0): \($1)\r\n" }.joined() + "\r\n"
    let body = request.method == "HEAD" ? [] : Array(reply.body.prefix(reply.cut ?? .max))
    write(Array(head.utf8) + body, to: connection)
  }

  private func readRequest(_ connection: Int32) -> Request? {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while !bytes.suffix(4).elementsEqual("\r\n\r\n".utf8) {
      guard recv(connection, &byte, 1, 0) == 1 else { return nil }
      bytes.append(byte)
    }
    let lines = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\r\n")
    let words = lines[0].split(separator: " ").map(String.init)
    let fields = lines.dropFirst().compactMap { line -> (String, String)? in
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { return nil }
      return (parts[0].lowercased(), parts[1].trimmingCharacters(in: .whitespaces))
    }
    let all = Dictionary(fields, uniquingKeysWith: { $0 + "," + $1 })
    var body = [UInt8](repeating: 0, count: all["content-length"].flatMap(Int.init) ?? 0)
    guard body.isEmpty || recv(connection, &body, body.count, Int32(MSG_WAITALL)) == body.count else { return nil }
    return Request(method: words[0], target: words[1], fields: all, body: body)
  }

  private func write(_ bytes: [UInt8], to connection: Int32) {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes {
        send(connection, $0.baseAddress! + done, bytes.count - done, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      done += count
    }
  }
}
