import CCurl

/// An http or https URL, taken apart by the parser that also makes the connection: two parsers could see two hosts.
package struct HTTPAddress: Equatable, Sendable, CustomStringConvertible {
  /// The whole URL.
  package let description: String
  package let origin: Origin

  /// What credentials are meant for.
  package struct Origin: Equatable, Sendable {
    package let isSecure: Bool
    package let host: String
    package let port: String
  }

  /// Nil where the text is no http or https URL.
  package init?(_ text: String) { self.init(text, from: nil) }

  /// The address that a `Location` names as seen from here; nil where it is none, or would lead from https to http.
  package func redirected(to location: String) -> HTTPAddress? {
    HTTPAddress(location, from: self).flatMap { !origin.isSecure || $0.origin.isSecure ? $0 : nil }
  }

  private init?(_ text: String, from base: HTTPAddress?) {
    // A C string would end at a zero.
    guard !text.utf8.contains(0), let parts = curl_url() else { return nil }
    defer { curl_url_cleanup(parts) }
    if let base, curl_url_set(parts, CURLUPART_URL, base.description, 0) != CURLUE_OK { return nil }
    // Servers send spaces and letters beyond ASCII in `Location`.
    let flags = base == nil ? 0 : UInt32(CURLU_URLENCODE)
    guard curl_url_set(parts, CURLUPART_URL, text, flags) == CURLUE_OK,
      let whole = Self.part(CURLUPART_URL, of: parts), let host = Self.part(CURLUPART_HOST, of: parts),
      let scheme = Self.part(CURLUPART_SCHEME, of: parts), scheme == "http" || scheme == "https",
      let port = Self.part(CURLUPART_PORT, of: parts)
    else { return nil }
    description = whole
    origin = Origin(isSecure: scheme == "https", host: host.lowercased(), port: port)
  }

  private static func part(_ part: CURLUPart, of parts: OpaquePointer) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    let flags = part == CURLUPART_PORT ? UInt32(CURLU_DEFAULT_PORT) : 0
    guard curl_url_get(parts, part, &text, flags) == CURLUE_OK, let text else { return nil }
    defer { curl_free(text) }
    return text.pointee == 0 ? nil : String(cString: text)
  }
}
