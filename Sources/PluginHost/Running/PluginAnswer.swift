import Analysis
import Diagnostics
import Files

/// What a plugin has answered so far, line by line.
package struct PluginAnswer {
  package private(set) var results = AnalysisResults()
  package private(set) var warnings: [String] = []
  /// How far the plugin says that it is.
  package private(set) var progress: (done: Int, total: Int?)?
  /// What was written so far, to be read again another time.
  private(set) var transcript: [UInt8] = []
  private var partial: [UInt8] = []
  private var lines = 0
  private var hasEnded = false
  private var shown: Set<[String]> = []
  private let plugin: ExternalPlugin
  /// The model that it is asked about; nil for all.
  private let model: String?
  private let atlas: AtlasOutline

  package init(_ plugin: ExternalPlugin, model: String?, _ atlas: AtlasOutline) {
    (self.plugin, self.model, self.atlas) = (plugin, model, atlas)
  }

  /// Takes in what was written next.
  ///
  /// - Throws: `PluginProblem` for the first line that is wrong.
  package mutating func add(_ bytes: some Collection<UInt8>) throws(PluginProblem) {
    transcript += bytes
    // What was there before has no end of a line.
    var (start, next) = (0, partial.count)
    partial += bytes
    while let end = partial[next...].firstIndex(of: UInt8(ascii: "\n")) {
      try take(partial[start..<end])
      (start, next) = (end + 1, end + 1)
    }
    partial.removeSubrange(..<start)
  }

  /// Notes that nothing more comes.
  ///
  /// - Throws: `PluginProblem` where something is missing.
  package func finish() throws(PluginProblem) {
    if lines == 0 { throw .noVersion(found: String(decoding: partial.prefix(200), as: UTF8.self)) }
    guard hasEnded, partial.isEmpty else { throw .cutShort(lines: lines) }
  }

  private mutating func take(_ line: ArraySlice<UInt8>) throws(PluginProblem) {
    lines += 1
    if lines == 1 { return try PluginVersion.check(line) }
    // An empty line says nothing.
    guard line.contains(where: { !" \t\r".utf8.contains($0) }) else { return }
    guard !hasEnded else { throw .afterEnd(line: lines) }
    let json: JSONValue
    do {
      json = try JSONValue(json: Array(line), readsNaN: true)
    } catch {
      throw .notJSON(line: lines, "\(error)".replacing("line 1: ", with: ""))
    }
    do {
      try Shape.message.check(json)
    } catch {
      throw .message(line: lines, error)
    }
    try take(json)
  }

  private mutating func take(_ message: JSONValue) throws(PluginProblem) {
    if let section = message["section"] {
      try take(Section(section, plugin: plugin.manifest.id, model: model))
    } else if case .object(let members) = message["values"] {
      for member in members {
        guard member.key.split(separator: "/", omittingEmptySubsequences: false).allSatisfy({ isFileName(String($0)) })
        else { throw .value(line: lines, key: member.key) }
        let place = [model.map { Subject.model($0).path }, Subject.plugin(plugin.manifest.id).path].compactMap { $0 }
        results.values[(place + [member.key]).joined(separator: "/")] = member.value.string
      }
    } else if let warning = message["warning"]?.string {
      warnings.append(oneLine(warning))
    } else if let news = message["progress"] {
      progress = (news.whole("done", default: 0), news["total"]?.whole)
    } else {
      hasEnded = message.isTrue("end")
    }
  }

  private mutating func take(_ section: Section) throws(PluginProblem) {
    func refused(_ words: String) -> PluginProblem {
      .section(line: lines, title: section.title, subject: section.subject.path, words)
    }
    if !plugin.subjects.isEmpty, !plugin.subjects.contains(section.subject.kind) {
      throw refused(
        "a page of the kind \(section.subject.kind), expected \(plugin.subjects.joined(separator: " or ")), as subjects in "
          + "plugin.yml says")
    }
    if let model, section.model != model {
      throw refused("of the model \(quoted(section.model ?? "")), expected \(quoted(model)), which it was asked about")
    }
    if let problem = atlas.problem(of: section) { throw refused(problem) }
    guard shown.insert([section.subject.path, section.model ?? ""]).inserted else {
      throw refused("it has another section there; expected one for a page and model, with all blocks")
    }
    results.sections.append(section)
  }
}
