import Diagnostics
import Files

/// The OpenAI Batch format: a file of requests for who answers them elsewhere, and the file of their answers.
package enum BatchLines {
  /// The line of a request, whose identifier is its key.
  package static func line(_ request: ModelRequest, _ endpoint: ModelEndpoint) -> String {
    JSONValue.object([
      "custom_id": .text(request.key), "method": .text("POST"), "url": .text(batchPath(endpoint)), "body": request.body,
    ]).line
  }

  /// Batches name the interface, not the server.
  private static func batchPath(_ endpoint: ModelEndpoint) -> String { "/v1" + endpoint.interface.path }

  /// What became of the lines of a file of answers.
  package struct Import: Sendable, Equatable {
    package internal(set) var kept = 0
    /// Replies that were there already.
    package internal(set) var known = 0
    /// Lines that answer no request that is open now.
    package internal(set) var unknown = 0
    /// Lines that are errors or no answers.
    package internal(set) var failed: [Failure] = []

    package struct Failure: Sendable, Equatable {
      package let line: Int
      package let reason: String
    }

    init() {}
  }

  /// Keeps the answers of a file that belong to open requests.
  ///
  /// - Throws: `FileError`.
  package static func read(_ lines: some Sequence<String>, of requests: [ModelRequest], into file: ReplyFile) throws
    -> Import
  {
    let byKey = Dictionary(requests.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
    var result = Import()
    for (number, line) in lines.enumerated() where line.contains(where: { !$0.isWhitespace }) {
      guard let value = try? JSONValue(json: Array(line.utf8)) else {
        result.failed.append(Import.Failure(line: number + 1, reason: "no JSON"))
        continue
      }
      guard let key = value["custom_id"]?.string else {
        result.failed.append(Import.Failure(line: number + 1, reason: "no custom_id"))
        continue
      }
      if file[key] != nil {
        result.known += 1
        continue
      }
      guard let request = byKey[key] else {
        result.unknown += 1
        continue
      }
      let response = value["response"]
      let status = response?["status_code"]?.count ?? (response == nil ? 0 : 200)
      guard status == 200, let body = response?["body"] else {
        result.failed.append(
          Import.Failure(line: number + 1, reason: status == 0 ? serverWords(value) : "status \(status)"))
        continue
      }
      do {
        let reply = try ModelReply(body, choices: request.form.choices, hiding: nil)
        try file.append(StoredReply(request, reply, attempts: 1))
        result.kept += 1
      } catch let fault as ReplyFault {
        result.failed.append(Import.Failure(line: number + 1, reason: "\(fault)"))
      }
    }
    return result
  }
}
