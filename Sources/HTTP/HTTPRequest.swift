/// What to ask for.
package struct HTTPRequest: Sendable {
  package enum Method: String, Sendable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
  }

  package var method: Method
  package var address: HTTPAddress
  /// Headers, by name; sent to wherever the request is redirected, too.
  package var fields: [String: String]
  /// Headers, by name, that only the origin of `address` gets: tokens and keys.
  package var secrets: [String: String]
  /// What a POST sends.
  package var body: [UInt8]
  /// The first byte that is asked for; a server may answer with all of them.
  package var start: Int
  /// Bytes that the answer's body may have.
  package var limit: Int

  package init(
    _ method: Method, _ address: HTTPAddress, fields: [String: String] = [:], secrets: [String: String] = [:],
    body: [UInt8] = [], start: Int = 0, limit: Int = .max
  ) {
    self.method = method
    self.address = address
    self.fields = fields
    self.secrets = secrets
    self.body = body
    self.start = start
    self.limit = limit
  }

  /// The request as it goes to the address it is redirected to: as browsers do, a POST becomes a GET unless the status
  /// is 307 or 308.
  func redirected(to next: HTTPAddress, status: Int) -> HTTPRequest {
    var request = self
    request.address = next
    if method == .post, status < 307 {
      request.method = .get
      request.body = []
    }
    return request
  }
}
