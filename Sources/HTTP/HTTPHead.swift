import CCurl
import Foundation

/// The start of an answer: its status and headers.
package struct HTTPHead: Equatable, Sendable {
  /// Who answered, after all redirects.
  package let address: HTTPAddress
  package let status: Int
  /// Names in lower case.
  private var fields: [String: String] = [:]

  /// Parses a status line such as `HTTP/1.1 200 OK`; nil where it is none.
  init?(statusLine line: String, address: HTTPAddress) {
    let words = line.split(separator: " ")
    guard line.hasPrefix("HTTP/"), words.count > 1, let status = Int(words[1]) else { return nil }
    self.address = address
    self.status = status
  }

  /// Adds a line `Name: value`; several of one name are one list, as RFC 9110 has it.
  mutating func add(_ line: String) {
    guard let colon = line.firstIndex(of: ":") else { return }
    let name = line[..<colon].lowercased()
    let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
    fields[name] = fields[name].map { "\($0), \(value)" } ?? value
  }

  /// The value of a header, whose name may be in any case.
  package subscript(name: String) -> String? { fields[name.lowercased()] }

  /// The value of a header that is a number, and not negative.
  package func number(_ name: String) -> Int? {
    self[name].flatMap(Int.init).flatMap { $0 >= 0 ? $0 : nil }
  }

  /// `Content-Range`: the first byte that comes and the size of the whole, which the server may not know.
  package var range: (start: Int, total: Int?)? {
    guard let match = self["Content-Range"]?.wholeMatch(of: /bytes (\d+)-\d+\/(\d+|\*)/), let start = Int(match.1)
    else { return nil }
    return (start, Int(match.2))
  }

  /// Seconds the server asks to be left alone, from a number or a date.
  package var retryAfter: Double? {
    guard let text = self["Retry-After"] else { return nil }
    if let seconds = number("Retry-After") { return Double(seconds) }
    let date = curl_getdate(text, nil)
    return date < 0 ? nil : max(0, Double(date - time(nil)))
  }

  /// Where the status is of the kind that may be another one later.
  package var transientFailure: TransientFailure? {
    [408, 429].contains(status) || status >= 500 ? .status(status, retryAfter: retryAfter) : nil
  }

  /// Where the answer sends its reader; nil where it does not.
  var location: String? { [301, 302, 303, 307, 308].contains(status) ? self["Location"] : nil }

  /// The address that `location` names.
  ///
  /// - Throws: `HTTPError.badRedirect`.
  package func redirect() throws(HTTPError) -> HTTPAddress? {
    guard let location else { return nil }
    guard let next = address.redirected(to: location) else {
      throw .badRedirect(url: "\(address)", location: location)
    }
    return next
  }
}
