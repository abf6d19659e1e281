import Files

/// The version of what a plugin and the program say to each other, on the first line both ways and before anything else.
enum PluginVersion {
  static let major = 1
  static let current = "1.1"

  /// The first line of the request.
  static let line = #"{"headatlas":"\#(current)"}"#

  /// Reads the first line of an answer.
  ///
  /// - Throws: `PluginProblem`.
  static func check(_ line: ArraySlice<UInt8>) throws(PluginProblem) {
    guard let json = try? JSONValue(json: Array(line)), let version = json["headatlas"]?.string else {
      throw .noVersion(found: String(decoding: line.prefix(200), as: UTF8.self))
    }
    guard let major = version.split(separator: ".").first.flatMap({ Int($0) }), major == Self.major else {
      throw .otherVersion(version)
    }
  }
}
