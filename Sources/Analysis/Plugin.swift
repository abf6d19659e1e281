/// What is known of a plugin before it runs.
public struct PluginManifest: Sendable, Codable {
  /// Small letters, words joined by hyphens; the name of its page and of its options in `atlas.yml`.
  public let id: String
  public let title: String
  public let version: String
  /// One sentence: what it shows.
  public let summary: String
  /// The options that `atlas.yml` may set; any other is an error.
  public let options: [PluginOption]
  /// The pages that it has beside that at `plugin/ID`, listed there; none is made that is not named here.
  public let pages: [PluginPage]

  public init(
    id: String, title: String, version: String, summary: String, options: [PluginOption] = [], pages: [PluginPage] = []
  ) {
    self.id = id
    self.title = title
    self.version = version
    self.summary = summary
    self.options = options
    self.pages = pages
  }
}

/// A page of a plugin beside that which every plugin has.
public struct PluginPage: Sendable, Codable, Hashable {
  /// Small letters, digits, - and _: the last part of its path, `plugin/PLUGIN/ID`.
  public let id: String
  public let title: String

  public init(id: String, title: String) { (self.id, self.title) = (id, title) }
}

/// An analysis that turns what is known of the models of an atlas into sections of pages.
///
/// It must be a pure function of its arguments: same values, same sections. Most plugins look at one model at a time and
/// implement `sections(for:options:)` alone; one that compares models, or that gives values to commentary, implements
/// `results(for:options:)`.
public protocol AnalysisPlugin: Sendable {
  static var manifest: PluginManifest { get }

  /// The sections of one model.
  ///
  /// - Parameters:
  ///   - evidence: all that is known of the model.
  ///   - options: a value for every option of the manifest.
  func sections(for evidence: ModelEvidence, options: [String: OptionValue]) throws -> [Section]

  /// All that the plugin finds in an atlas; called once. The default is the sections of every model.
  ///
  /// - Parameter models: in the order of the atlas.
  func results(for models: [ModelEvidence], options: [String: OptionValue]) throws -> AnalysisResults
}

extension AnalysisPlugin {
  public var manifest: PluginManifest { Self.manifest }

  public func sections(for evidence: ModelEvidence, options: [String: OptionValue]) throws -> [Section] { [] }

  public func results(for models: [ModelEvidence], options: [String: OptionValue]) throws -> AnalysisResults {
    AnalysisResults(
      sections: try models.flatMap { evidence in
        do {
          return try sections(for: evidence, options: options)
        } catch {
          throw AnalysisFailure(model: evidence.model, cause: error)
        }
      })
  }
}

/// What a plugin found.
public struct AnalysisResults: Sendable {
  public var sections: [Section]
  /// What `{{value KEY}}` in commentary may name, as it is printed.
  ///
  /// A key is the path of the subject that the value is of, a slash and a name:
  /// `model/picture-world/head/L05.H00/variance`.
  public var values: [String: String]

  public init(sections: [Section] = [], values: [String: String] = [:]) {
    self.sections = sections
    self.values = values
  }
}

/// An analysis of one model that failed.
public struct AnalysisFailure: Error {
  public let model: String
  public let cause: any Error

  public init(model: String, cause: any Error) {
    self.model = model
    self.cause = cause
  }
}
