/// Text from outside, fit for one line of a message: in quotes, without control characters, at most 120 scalars.
package func quoted(_ text: String) -> String {
  "\"" + shortened(text) { $0.isControl || $0 == "\"" || $0 == "\\" ? $0.escaped(asASCII: true) : String($0) } + "\""
}

/// Text from outside on one line, without quotes: control characters become spaces, and at most 120 scalars remain.
package func oneLine(_ text: String) -> String {
  shortened(text) { $0.isControl ? " " : String($0) }
}

/// A message on one line, whatever paths and names are in it: control characters and what ends a line are written as in Swift's
/// source.
package func onOneLine(_ message: String) -> String {
  message.unicodeScalars.map { $0.isControl ? $0.escaped(asASCII: true) : String($0) }.joined()
}

private func shortened(_ text: String, _ shown: (Unicode.Scalar) -> String) -> String {
  let scalars = text.unicodeScalars
  return scalars.prefix(120).map(shown).joined() + (scalars.count > 120 ? "…" : "")
}

extension Unicode.Scalar {
  /// Control characters and what ends a line.
  fileprivate var isControl: Bool {
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}
