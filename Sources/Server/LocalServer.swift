import CMicroHTTPD
import Diagnostics
import Files
import Foundation

/// What can go wrong with a server, in facts; `description` words each on one line.
package enum ServerError: Error, Equatable, CustomStringConvertible {
  case portInUse(Int)
  case cannotListen(port: Int, reason: String)

  package var description: String {
    switch self {
    case .portInUse(let port):
      "port \(port): another program uses it; stop that one, or try --port \(port < 65_535 ? port + 1 : port - 1)"
    case .cannotListen(let port, let reason): "port \(port): cannot be listened on: \(reason); try another --port"
    }
  }
}

/// A server on 127.0.0.1, whose connections are served side by side by the thread that runs it.
package final class LocalServer {
  /// What a client may use of it.
  private enum Limit {
    /// Bytes of a request's head, and of what is written at a time.
    static let memory = 16_384
    /// Seconds in which the head of a request must have come, and the next one on the same connection.
    static let head = 10.0
    /// Seconds in which a client takes nothing of an answer.
    static let silence: UInt32 = 30
    static let connections: UInt32 = 400
  }

  package let port: Int
  private let socket: Int32
  private let answer: (Question) -> Answer
  /// The connections of which the head of a request is awaited, with their sockets and since when.
  private var awaited: [OpaquePointer: (socket: Int32, since: ContinuousClock.Instant)] = [:]

  /// Listens.
  ///
  /// - Parameters:
  ///   - port: 0 for any that is free.
  ///   - answer: called on the thread of `run`; it is given the port.
  /// - Throws: `ServerError`.
  package init(port: Int, answering answer: (_ port: Int) -> (Question) -> Answer) throws(ServerError) {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard socket >= 0 else { throw .cannotListen(port: port, reason: systemReason()) }
    var yes: Int32 = 1
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutablePointer(to: &address) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(socket, address, size) == 0 && listen(socket, 128) == 0 && getsockname(socket, address, &size) == 0
      }
    }
    guard isListening else {
      let code = errno
      close(socket)
      throw code == EADDRINUSE ? .portInUse(port) : .cannotListen(port: port, reason: systemReason(code))
    }
    self.port = Int(UInt16(bigEndian: address.sin_port))
    self.socket = socket
    self.answer = answer(self.port)
  }

  /// Serves for as long as `goesOn` says so, which is asked ten times a second.
  ///
  /// - Throws: `ServerError`.
  package func run(while goesOn: () -> Bool) throws(ServerError) {
    let daemon = cmicrohttpd_start(
      socket, answerRequest, requestCompleted, connectionChanged, Unmanaged.passUnretained(self).toOpaque(),
      Limit.memory,
      Limit.silence, Limit.connections)
    guard let daemon else { throw .cannotListen(port: port, reason: systemReason()) }
    while goesOn() {
      guard cmicrohttpd_run(daemon, 100) != 0 else { break }
      endLateConnections()
    }
    // It closes the socket too.
    withExtendedLifetime(self) { MHD_stop_daemon(daemon) }
  }

  private func endLateConnections() {
    let now = ContinuousClock.now
    for (socket, since) in awaited.values where since.duration(to: now) > .seconds(Limit.head) {
      // The library sees the end of the connection, and closes it.
      shutdown(socket, Int32(SHUT_RDWR))
    }
  }

  fileprivate func isAwaited(_ connection: OpaquePointer) {
    awaited[connection] = (cmicrohttpd_socket(connection), .now)
  }

  fileprivate func isNotAwaited(_ connection: OpaquePointer) { awaited[connection] = nil }

  fileprivate func respond(to question: Question, on connection: OpaquePointer) -> MHD_Result {
    isNotAwaited(connection)
    let answer = answer(question)
    guard let response = response(answer.body) else {
      // The file went away between the two looks at it.
      let missing = Answer(404, "not found\n")
      guard let response = response(missing.body) else { return cmicrohttpd_no() }
      return send(response, missing, on: connection)
    }
    return send(response, answer, on: connection)
  }

  private func response(_ body: Answer.Body) -> OpaquePointer? {
    switch body {
    case .bytes(let bytes):
      return bytes.withUnsafeBytes { cmicrohttpd_response($0.baseAddress, $0.count) }
    case .file(let path):
      let file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
      guard file >= 0 else { return nil }
      var status = stat()
      guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
        let response = MHD_create_response_from_fd64(UInt64(status.st_size), file)
      else {
        close(file)
        return nil
      }
      return response
    }
  }

  private func send(_ response: OpaquePointer, _ answer: Answer, on connection: OpaquePointer) -> MHD_Result {
    // What is served may be another after the next build; and pages of other servers have no business with it.
    let always = [
      "Cache-Control": "no-cache", "Cross-Origin-Resource-Policy": "same-origin", "X-Content-Type-Options": "nosniff",
    ]
    for (name, value) in answer.headers.merging(always, uniquingKeysWith: { given, _ in given }) {
      MHD_add_response_header(response, name, value)
    }
    defer { MHD_destroy_response(response) }
    return MHD_queue_response(connection, UInt32(answer.status), response)
  }
}

private func server(_ context: UnsafeMutableRawPointer?) -> LocalServer? {
  context.map { Unmanaged<LocalServer>.fromOpaque($0).takeUnretainedValue() }
}

/// Called when the head of a request has come, and again when nothing more will.
private func answerRequest(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _ path: UnsafePointer<CChar>?,
  _ method: UnsafePointer<CChar>?, _: UnsafePointer<CChar>?, _: UnsafePointer<CChar>?, _: UnsafeMutablePointer<Int>?,
  _ seen: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
  guard let server = server(context), let connection, let path, let method, let seen else { return cmicrohttpd_no() }
  let question = Question(
    String(cString: method), String(cString: path),
    // Of two names of a host none is taken.
    host: cmicrohttpd_header_count(connection, "Host") == 1 ? header("Host", connection) : nil,
    hasBody: header("Content-Length", connection) != nil || header("Transfer-Encoding", connection) != nil)
  // An answer that is given at the first call closes the connection, as is right where a body would follow.
  if seen.pointee == nil, question.isPlain {
    seen.pointee = context
    return cmicrohttpd_yes()
  }
  return server.respond(to: question, on: connection)
}

private func header(_ name: String, _ connection: OpaquePointer) -> String? {
  cmicrohttpd_header(connection, name).map { String(cString: $0) }
}

/// Called when a request has been answered, or given up.
private func requestCompleted(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
  _: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _: MHD_RequestTerminationCode
) {
  if let connection { server(context)?.isAwaited(connection) }
}

/// Called when a connection begins and when it ends.
private func connectionChanged(
  _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
  _: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ event: MHD_ConnectionNotificationCode
) {
  guard let server = server(context), let connection else { return }
  if cmicrohttpd_has_begun(event) != 0 { server.isAwaited(connection) } else { server.isNotAwaited(connection) }
}
