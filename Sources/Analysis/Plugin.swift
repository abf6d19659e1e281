/// What is known of a plugin before it runs.
public struct PluginManifest: Sendable, Codable {
  /// Lower case, words joined by hyphens; the name of its page and of its options in `atlas.yml`.
  public let id: String
  public let title: String
  public let version: String
  /// One sentence: what it shows.
  public let summary: String
  /// Option names with their default values; anything else in `atlas.yml` is an error.
  public let options: [PluginOption]

  public init(id: String, title: String, version: String, summary: String, options: [PluginOption] = []) {
    self.id = id
    self.title = title
    self.version = version
    self.summary = summary
    self.options = options
  }
}

/// A whole number a plugin lets its user choose.
public struct PluginOption: Sendable, Codable {
  public let name: String
  public let summary: String
  public let standard: Int
  public let range: ClosedRange<Int>

  public init(name: String, summary: String, standard: Int, range: ClosedRange<Int>) {
    self.name = name
    self.summary = summary
    self.standard = standard
    self.range = range
  }
}

/// An analysis that turns what is known of one model into sections of pages.
///
/// It runs once per model of the atlas. It must be a pure function of its arguments: same values, same sections.
public protocol AnalysisPlugin: Sendable {
  static var manifest: PluginManifest { get }
  /// - Parameters:
  ///   - evidence: all that is known of one model.
  ///   - options: a value for every option of the manifest.
  func sections(for evidence: ModelEvidence, options: [String: Int]) throws -> [Section]
}

extension AnalysisPlugin {
  public var manifest: PluginManifest { Self.manifest }
}
