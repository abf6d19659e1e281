import CCurl

/// One request to one address, and what libcurl tells of its answer.
final class Transfer {
  let easy: UnsafeMutableRawPointer
  private let request: HTTPRequest
  private let receiver: any HTTPReceiver
  private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
  private var fields: UnsafeMutablePointer<curl_slist>?
  private var head: HTTPHead?
  private var isHeadWhole = false
  private var headSize = 0
  private var bodySize = 0
  private var failure: (any Error)?

  /// Bytes of all headers of an answer; libcurl limits single ones only.
  private static let longestHead = 1 << 20

  /// - Throws: `HTTPError.badField`.
  init(_ request: HTTPRequest, to receiver: any HTTPReceiver, connectTimeout: Double) throws(HTTPError) {
    guard let easy = curl_easy_init() else { fatalError("libcurl has no memory for a request") }
    self.easy = easy
    self.request = request
    self.receiver = receiver
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    try setFields()
    setMethod()
    ccurl_allow_http_only(easy)
    ccurl_set_text(easy, CURLOPT_URL, "\(request.address)")
    ccurl_set_number(easy, CURLOPT_CONNECTTIMEOUT_MS, Int(max(1, connectTimeout * 1000)))
    ccurl_set_number(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    ccurl_set_number(easy, CURLOPT_BUFFERSIZE, 1 << 18)
    ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
    let context = Unmanaged.passUnretained(self).toOpaque()
    ccurl_set_pointer(easy, CURLOPT_HEADERDATA, context)
    ccurl_set_pointer(easy, CURLOPT_WRITEDATA, context)
    ccurl_set_callback(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      hand(bytes, size * count, context) { try $0.take(headerLine: $1) }
    }
    ccurl_set_callback(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      hand(bytes, size * count, context) { try $0.take(body: $1) }
    }
  }

  deinit {
    curl_easy_cleanup(easy)
    curl_slist_free_all(fields)
    errorText.deallocate()
  }

  /// Grows with every byte, sent or received.
  var activity: Int { headSize + bodySize + Int(ccurl_sent(easy)) }

  /// - Throws: what the receiver threw, `HTTPError`, `TransientFailure`.
  func result(_ code: CURLcode) throws -> HTTPHead {
    if let failure { throw failure }
    guard code == CURLE_OK, let head, isHeadWhole else {
      let text = String(cString: errorText)
      throw TransientFailure.connection(text.isEmpty ? String(cString: curl_easy_strerror(code)) : text)
    }
    return head
  }

  // MARK: Asking

  private func setMethod() {
    switch request.method {
    case .get: ccurl_set_number(easy, CURLOPT_HTTPGET, 1)
    case .head: ccurl_set_number(easy, CURLOPT_NOBODY, 1)
    case .post:
      ccurl_set_size(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count))
      var body = request.body
      body.withUnsafeMutableBytes { _ = ccurl_set_pointer(easy, CURLOPT_COPYPOSTFIELDS, $0.baseAddress) }
      ccurl_set_number(easy, CURLOPT_POST, 1)
    }
  }

  private func setFields() throws(HTTPError) {
    // Sizes and ranges are of the bytes themselves. An empty Expect keeps libcurl from waiting before a long body.
    var all = ["Accept-Encoding": "identity", "User-Agent": "headatlas", "Expect": ""]
    all.merge(request.fields) { $1 }
    all.merge(request.secrets) { $1 }
    if request.start > 0 { all["Range"] = "bytes=\(request.start)-" }
    for (name, value) in all.sorted(by: { $0.key < $1.key }) {
      guard !name.isEmpty, !"\(name)\(value)".utf8.contains(where: { $0 < 0x20 && $0 != 9 || $0 == 0x7F }) else {
        throw .badField(name)
      }
      fields = curl_slist_append(fields, value.isEmpty ? "\(name):" : "\(name): \(value)")
    }
    ccurl_set_pointer(easy, CURLOPT_HTTPHEADER, fields)
  }

  // MARK: Taking

  /// Runs `step`; an error ends the transfer and is its result.
  fileprivate func perform(_ step: () throws -> Void) -> Bool {
    do {
      try step()
      return true
    } catch {
      failure = error
      return false
    }
  }

  fileprivate func take(headerLine bytes: UnsafeRawBufferPointer) throws {
    headSize += bytes.count
    guard headSize <= Self.longestHead else {
      throw HTTPError.tooLong(url: "\(request.address)", limit: Self.longestHead)
    }
    // What follows the body of an answer in pieces is passed over.
    guard !isHeadWhole else { return }
    let line = String(decoding: bytes.prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }, as: UTF8.self)
    if let start = HTTPHead(statusLine: line, address: request.address) {
      head = start
    } else if !line.isEmpty {
      head?.add(line)
    } else if let head, head.status >= 200 {
      isHeadWhole = true
      if head.location == nil { try receiver.begin(head) }
    }
  }

  fileprivate func take(body bytes: UnsafeRawBufferPointer) throws {
    bodySize += bytes.count
    guard bodySize <= request.limit else {
      throw HTTPError.tooLong(url: "\(request.address)", limit: request.limit)
    }
    if head?.location == nil { try receiver.append(bytes) }
  }
}

/// Hands libcurl's bytes to a transfer.
///
/// - Returns: how many were taken; anything but `count` tells libcurl to stop.
private func hand(
  _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int, _ context: UnsafeMutableRawPointer?,
  to take: (Transfer, UnsafeRawBufferPointer) throws -> Void
) -> Int {
  guard let context else { return 0 }
  let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
  let isTaken = transfer.perform { try take(transfer, UnsafeRawBufferPointer(start: bytes, count: count)) }
  return isTaken ? count : count + 1
}
