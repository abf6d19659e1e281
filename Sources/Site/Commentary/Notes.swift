import Analysis
import Diagnostics
import Files

/// A commentary as it is shown on its page.
struct Note: Sendable {
  enum Part: Sendable {
    case markup(Markup)
    /// - name: begins the name of its file.
    case table(Table, name: String)
  }

  let title: String?
  /// Its place among the sections of the page; nil where it precedes all of them.
  let order: Int?
  let parts: [Part]
  /// The words of the text for the search.
  let text: String
  fileprivate(set) var stop: TourStop?
  /// The files that are written beside the page.
  let attachments: [(file: Address, bytes: [UInt8])]
  /// Links to files that the site must have, each with its place in the commentary.
  let links: [(source: CommentaryProblem, file: Address)]
}

/// A tour through an atlas: pages whose commentaries are read one after the other.
struct Tour: Sendable {
  let name: String
  let pages: [Address]
}

/// A page's place in a tour.
struct TourStop: Sendable {
  let tour: Tour
  /// From 0.
  let place: Int
}

/// The commentaries of an atlas.
struct Notes: Sendable {
  private(set) var onPages: [Address: [Note]] = [:]
  /// By name.
  private(set) var tours: [Tour] = []
  /// The paragraph that introduces the atlas.
  private(set) var introduction: Markup = ""
  /// What plugins say of themselves, by their identifiers.
  private(set) var plugins: [String: Markup] = [:]

  /// - Throws: `SiteError.commentary` with all that is wrong.
  init(_ content: SiteContent, pages: PageIndex) throws {
    var files = content.commentary.sorted { $0.file < $1.file }.map { CommentaryFile($0) }
    for place in files.indices { files[place].checkPages(pages) }
    let parts = files.indices.map { files[$0].parts(values: content.values) }
    var problems: [CommentaryProblem] = []
    introduction = Self.markup("the introduction in atlas.yml", .atlas, content.introduction, content.values, &problems)
    for plugin in content.plugins {
      let id = plugin.manifest.id
      plugins[id] = Self.markup("plugins/\(id).md", .plugin(id), plugin.page, content.values, &problems)
    }
    problems += files.flatMap(\.problems)
    tours = Self.tours(files, &problems)
    guard problems.isEmpty else { throw SiteError.commentary(problems) }
    for (file, parts) in zip(files, parts) {
      var note = Note(
        title: file.title, order: file.order, parts: parts, text: file.text(values: content.values),
        attachments: file.links.attachments.map { ($0.file, $0.bytes) },
        links: file.links.files.map { line, target, address in
          (CommentaryProblem(file: file.file, line: line, words: "\(quoted(target)) is no file of the site"), address)
        })
      if let name = file.tour, let tour = tours.first(where: { $0.name == name }) {
        note.stop = tour.pages.firstIndex(of: file.page).map { TourStop(tour: tour, place: $0) }
      }
      onPages[file.page, default: []].append(note)
    }
  }

  /// The HTML of a text that lies in no file of its own.
  private static func markup(
    _ name: String, _ subject: Subject, _ source: String, _ values: [String: String],
    _ problems: inout [CommentaryProblem]
  ) -> Markup {
    var text = CommentaryFile(.init(file: name, subjectPath: subject.path, source: source), isFile: false)
    var result: Markup = ""
    for case .markup(let markup) in text.parts(values: values) { result += markup }
    problems += text.problems
    return result
  }

  subscript(_ page: Address) -> [Note] { onPages[page] ?? [] }

  private static func tours(_ files: [CommentaryFile], _ problems: inout [CommentaryProblem]) -> [Tour] {
    var tours: [Tour] = []
    let byName = Dictionary(grouping: files.filter { $0.tour != nil && $0.stop != nil }) { $0.tour ?? "" }
    for (name, files) in byName.sorted(by: { $0.key < $1.key }) {
      let stops = files.sorted { ($0.stop ?? 0, $0.file) < ($1.stop ?? 0, $1.file) }
      for (first, second) in zip(stops, stops.dropFirst()) where first.stop == second.stop {
        problems.append(
          CommentaryProblem(
            file: second.file, line: nil,
            words: "stop \(second.stop ?? 0) of the tour \(quoted(name)) is also \(first.file)"))
      }
      tours.append(Tour(name: name, pages: stops.map(\.page)))
    }
    return tours
  }

  /// Holds links to files against the site that was written.
  /// - Throws: `SiteError.commentary`.
  func checkLinks(in folder: String) throws {
    let missing = onPages.values.joined().flatMap(\.links).filter { FileKind(of: "\(folder)/\($0.file.path)") != .file }
    guard !missing.isEmpty else { return }
    throw SiteError.commentary(missing.map(\.source).sorted { ($0.file, $0.line ?? 0) < ($1.file, $1.line ?? 0) })
  }
}

extension CommentaryFile {
  /// Notes which pages that it is for or leads to are not there.
  fileprivate mutating func checkPages(_ pages: PageIndex) {
    let paths = pages.pages.map(\.address.path)
    if pages[page] == nil {
      addProblem(nil, "commentary on \(quoted(page.path)), which has no page" + Self.suggestion(page.path, in: paths))
    }
    for (line, target, other) in links.pages where pages[other] == nil {
      addProblem(line, "\(quoted(target)) leads to no page" + Self.suggestion(other.path, in: paths))
    }
  }

  private static func suggestion(_ name: String, in names: [String]) -> String {
    nearestName(to: name, in: names).map { "; did you mean \(quoted($0))?" } ?? ""
  }

  /// The text with the values of its claims, and its tables; a value that is not there and a check that is false are among the problems
  /// afterwards.
  mutating func parts(values: [String: String]) -> [Note.Part] {
    for claim in claims {
      let unknown = claim.keys.filter { values[$0] == nil }
      for key in unknown {
        addProblem(claim.line, "no value is named \(quoted(key))" + Self.suggestion(key, in: values.keys.sorted()))
      }
      if unknown.isEmpty, case .check(let check) = claim.kind, let words = check.problem({ values[$0] ?? "" }) {
        addProblem(claim.line, "\(claim.source) \(words)")
      }
    }
    return markedParts(of: html, count: claims.count).compactMap { part in
      switch part {
      case .text(let text): text.isEmpty ? nil : .markup(Markup(trusted: text))
      case .claim(let number, _):
        switch claims[number].kind {
        case .value(let key): .markup("\(values[key] ?? "")")
        case .check: nil
        case .table: tables[number].map { .table($0.table, name: $0.name) }
        }
      }
    }
  }

  /// The words of the text with the values of its claims.
  fileprivate func text(values: [String: String]) -> String {
    markedParts(of: words, count: claims.count).map { part in
      switch part {
      case .text(let text): text
      case .claim(let number, _):
        if case .value(let key) = claims[number].kind { values[key] ?? "" } else { "" }
      }
    }.joined()
  }
}
