import Attribution
import Diagnostics
import Files
import Foundation
import LanguageModels

/// Reads the labellers that the description of an atlas names.
struct LabellerReader {
  let base: String
  let problems: ProblemList
  /// The files that were read.
  private(set) var sources: [String] = []

  init(base: String, _ problems: ProblemList) { (self.base, self.problems) = (base, problems) }

  static let keys = [
    "id", "title", "url", "model", "api", "answers", "temperature", "seeds", "logprobs", "longest_answer", "prompts",
    "replies", "key", "parallel", "timeout", "attempts", "pause", "contrast", "judge", "shown", "labels", "names",
  ]

  /// - Parameter ids: of those before it.
  mutating func read(_ entry: StrictMapping, _ ids: inout Set<String>) -> LabellerEntry? {
    guard let id = entry.text("id") else { return nil }
    guard isFileName(id), !Self.reserved.contains(id) else {
      entry.refuse("id", quoted(id), expected: "\(fileNameRule); \(Self.reserved.joined(separator: " and ")) are taken")
      return nil
    }
    guard ids.insert(id.lowercased()).inserted else {
      problems.add(.duplicate(kind: "labeller", id: id), entry.file, entry.line(of: "id"))
      return nil
    }
    let source: LabellerEntry.Source? =
      entry.value("labels") == nil
      ? languageModel(entry, id).map { .model($0) } : table(entry).map { .table($0) }
    return source.map {
      LabellerEntry(
        id: id, title: entry.optionalText("title") ?? id, source: $0, isShown: entry.flag("shown") ?? false)
    }
  }

  /// What the rows of other labellers are called.
  private static let reserved = ["by-hand", "offline"]

  private mutating func languageModel(_ entry: StrictMapping, _ id: String) -> LanguageLabeller? {
    let prompts = prompts(entry)
    let interface: ModelInterface = choice(entry, "api", default: .chat)
    let answers: AnswerKind = choice(entry, "answers", default: .free)
    let temperature = number(entry, "temperature", 0...2) ?? 0
    let seeds = seeds(entry)
    let logProbabilities = entry.integer("logprobs", range: 0...1000) ?? 0
    let longest = entry.integer("longest_answer", range: 1...10_000)
    let settings = ModelAsker.Settings(
      parallel: entry.integer("parallel", range: 1...64) ?? 4, timeout: number(entry, "timeout", 1...3600) ?? 120,
      attempts: entry.integer("attempts", range: 1...20) ?? 8, pause: number(entry, "pause", 0...60) ?? 1)
    let replies = resolve(entry.optionalText("replies") ?? "labels/\(id).jsonl", in: base)
    if FileKind(of: replies) == .file { sources.append(replies) }
    guard let url = entry.text("url", expected: "an address such as http://127.0.0.1:8080/v1"),
      let model = entry.text("model", expected: "the name that the server has for it"), let prompts
    else { return nil }
    do {
      let endpoint = try ModelEndpoint(
        url: url, model: model, interface: interface, temperature: temperature, logProbabilities: logProbabilities,
        longestAnswer: longest)
      return LanguageLabeller(
        endpoint: endpoint, prompts: prompts, seeds: seeds, isLimited: answers == .limited,
        contrasts: entry.flag("contrast") ?? false, judges: entry.flag("judge") ?? true, replies: replies,
        keyVariable: keyVariable(entry), settings: settings)
    } catch {
      // The address may hold a key.
      let words = error == .secrets ? "\(error)" : "url is \(error)"
      problems.add(.reported(words), entry.file, entry.line(of: "url"))
      return nil
    }
  }

  private enum AnswerKind: String, CaseIterable { case free, limited }

  private func choice<Choice: RawRepresentable<String> & CaseIterable>(
    _ entry: StrictMapping, _ key: String, default usual: Choice
  ) -> Choice {
    guard let name = entry.optionalText(key) else { return usual }
    if let choice = Choice(rawValue: name) { return choice }
    entry.refuse(key, quoted(name), expected: Choice.allCases.map(\.rawValue).joined(separator: " or "))
    return usual
  }

  private func number(_ entry: StrictMapping, _ key: String, _ range: ClosedRange<Double>) -> Double? {
    guard let value = entry.value(key) else { return nil }
    if case .text(let text) = value.kind, let number = Double(text), range.contains(number) { return number }
    entry.refuse(key, value.words, expected: "a number from \(range.lowerBound) to \(range.upperBound)")
    return nil
  }

  private func seeds(_ entry: StrictMapping) -> [Int] {
    guard entry.value("seeds") != nil else { return [1, 2, 3] }
    let texts = entry.texts("seeds")
    let seeds = texts.compactMap { Int($0) }.filter { (0..<1 << 31).contains($0) }
    guard !seeds.isEmpty, seeds.count == texts.count, seeds.count <= 20, Set(seeds).count == seeds.count else {
      entry.refuse(
        "seeds", "[\(texts.prefix(20).joined(separator: ", "))]", expected: "one to 20 different whole numbers")
      return [1]
    }
    return seeds
  }

  /// The name of a variable, never its value.
  private func keyVariable(_ entry: StrictMapping) -> String? {
    guard let name = entry.optionalText("key", expected: "the name of an environment variable") else { return nil }
    // Keys have small letters, and whoever wrote one here must not find it in a message.
    if name.wholeMatch(of: /[A-Z_][A-Z0-9_]{0,63}/) != nil { return name }
    entry.refuse(
      "key", "no name of an environment variable in capital letters",
      expected: "one such as OPENAI_API_KEY, which holds the key")
    return nil
  }

  // MARK: Prompts

  private mutating func prompts(_ entry: StrictMapping) -> Prompts? {
    let named = entry.optionalText("prompts") ?? "prompts"
    let folder = resolve(named, in: base)
    guard FileKind(of: folder) == .folder else {
      entry.refuse(
        "prompts", "\(quoted(named)), where no folder is", expected: "a folder with \(Prompts.labellingFile)")
      return nil
    }
    let labelling = template("\(folder)/\(Prompts.labellingFile)")
    let judging = template("\(folder)/\(Prompts.judgingFile)")
    let contrasting = template("\(folder)/\(Prompts.contrastingFile)")
    let examples = examples("\(folder)/\(Prompts.examplesFile)")
    guard let labelling, let judging, let contrasting, let examples else { return nil }
    return Prompts(labelling: labelling, judging: judging, contrasting: contrasting, examples: examples)
  }

  private mutating func template(_ path: String) -> PromptTemplate? {
    sources.append(path)
    return problems.attempt(path, nil) { try PromptTemplate(try readText(path, limit: longestWrittenText)) }
  }

  private mutating func examples(_ path: String) -> [WorkedExample]? {
    sources.append(path)
    guard let read = problems.attempt(path, nil, { try ConfigurationValue(yamlFile: path) }) else { return nil }
    guard let read, case .list(let values) = read.kind else {
      problems.add(.empty(expected: "a list of label and lines"), path, nil)
      return nil
    }
    return values.enumerated().compactMap { index, value in
      let entry = StrictMapping(
        value, file: path, name: "example \(index + 1)", allowed: ["label", "lines"], problems)
      guard let entry, let label = entry.text("label") else { return nil }
      let lines = entry.texts("lines")
      if lines.isEmpty { entry.miss("lines", expected: "the lines of a head") }
      return WorkedExample(label: label, lines: lines)
    }
  }

  // MARK: Labels from elsewhere

  private mutating func table(_ entry: StrictMapping) -> LabelTable? {
    guard let path = entry.path("labels", .file, in: base) else { return nil }
    sources.append(path)
    let expected = #"labels such as {"MODEL": {"L8.H0": "Label"}}"#
    guard
      let value = problems.attempt(
        path, nil,
        { () throws -> ConfigurationValue in
          ConfigurationValue(try JSONValue(json: try readFile(path)), line: 1)
        })
    else { return nil }
    guard case .mapping(let models) = value.kind else {
      problems.add(.wrongValue(key: "the file", found: value.words, expected: expected), path, nil)
      return nil
    }
    var labels: [String: [Head: String]] = [:]
    for model in models {
      guard case .mapping(let heads) = model.value.kind else {
        problems.add(.wrongValue(key: model.key, found: model.value.words, expected: expected), path, nil)
        continue
      }
      for head in heads {
        guard let place = Head(head.key), case .text(let label) = head.value.kind else {
          problems.add(
            .wrongValue(key: "\(model.key) \(head.key)", found: head.value.words, expected: expected), path, nil)
          continue
        }
        labels[model.key, default: [:]][place] = label
      }
    }
    return LabelTable(path: path, labels: labels, names: names(entry))
  }

  private func names(_ entry: StrictMapping) -> [String: String] {
    guard let value = entry.value("names") else { return [:] }
    guard case .mapping(let entries) = value.kind else {
      entry.refuse("names", value.words, expected: "a mapping of the atlas's models to the names in the file")
      return [:]
    }
    return entries.reduce(into: [:]) { names, entry in
      if case .text(let name) = entry.value.kind { names[entry.key] = name }
    }
  }
}
