import ArgumentParser
import Build
import Files
import FlyingFox
import FlyingSocks
import Foundation

struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Serves a finished site on this machine alone.",
    discussion: "An atlas needs no server: it also opens by double-click. Stop with Control-C.")

  @Argument(help: "The site's folder.") var site = "site"
  @Option(help: "The port on 127.0.0.1.") var port = 8000

  func validate() throws {
    guard (1...65_535).contains(port) else { throw ValidationError("--port \(port), expected 1 to 65535") }
  }

  func run() async throws {
    let files = try StaticFiles(site)
    let server = HTTPServer(
      address: try .inet(ip4: "127.0.0.1", port: UInt16(port)), logger: .disabled)
    await server.appendRoute("*") { request in
      switch files.find(request.target.path()) {
      case .file(let path, let type):
        guard let data = FileManager.default.contents(atPath: path) else { return HTTPResponse(statusCode: .notFound) }
        return HTTPResponse(
          statusCode: .ok, headers: HTTPHeaders([.contentType: type]),
          body: request.method == .HEAD ? Data() : data)
      case .moved(let place):
        return HTTPResponse(statusCode: .movedPermanently, headers: HTTPHeaders([.location: place]))
      case .nothing:
        return HTTPResponse(
          statusCode: .notFound, headers: HTTPHeaders([.contentType: "text/plain"]), body: Data("not found\n".utf8))
      }
    }
    let task = Task { try await server.run() }
    do {
      try await server.waitUntilListening(timeout: 5)
    } catch {
      task.cancel()
      throw FileError.unwritable(path: "port \(port)", reason: "it cannot be opened; choose another --port")
    }
    FileHandle.standardError.write(Data("http://127.0.0.1:\(port)/ serves \(site); stop with Control-C\n".utf8))
    while !Interruption.shared.isRequested { try await Task.sleep(for: .milliseconds(100)) }
    await server.stop()
  }
}
