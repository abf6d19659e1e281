import Diagnostics

/// The tags of mustache templates, held against what a page can be made with.
///
/// The library reads and fills templates by recursion, and a list within itself has as many rounds as its length to the power of its
/// depth: what includes itself would end the program, and what repeats itself would not end.
struct TemplateTags {
  private enum Tag {
    case open(String)
    case close(String)
    case partial(String)
  }
  /// By the names of templates.
  private let tags: [String: [Tag]]

  /// Why templates cannot be used, and which.
  struct Problem: Error {
    let template: String
    let words: String
  }

  private static let deepest = 16
  private static let mostPartials = 256

  /// - Parameter texts: by the names of templates.
  /// - Throws: `Problem` for the first that stands in the way of a page.
  init(_ texts: [String: String]) throws(Problem) {
    var tags: [String: [Tag]] = [:]
    for (name, text) in texts.sorted(by: { $0.key < $1.key }) {
      do throws(Refusal) { tags[name] = try Self.tags(in: text) } catch {
        throw Problem(template: name, words: error.words)
      }
    }
    self.tags = tags
    var partials = 0
    try visit("layout", within: [], open: [], &partials)
  }

  private struct Refusal: Error {
    let words: String
  }

  private static func tags(in text: String) throws(Refusal) -> [Tag] {
    var tags: [Tag] = []
    for match in text.matches(of: /\{\{\{?\s*+([#^\/$><=!%&]?)\s*+([^{}\s]*+)/) {
      let name = String(match.2)
      switch match.1 {
      case "#", "^", "$": tags.append(.open(name))
      case "/": tags.append(.close(name))
      case ">":
        if name.hasPrefix("*") {
          throw Refusal(words: "{{>\(oneLine(name))}} names a template by a value, expected the name of a file")
        }
        tags.append(.partial(name))
      case "<":
        tags += [.partial(name), .open(name)]
      case "=": throw Refusal(words: "{{= changes the delimiters, expected tags in {{ and }}")
      default: break
      }
    }
    return tags
  }

  /// Goes through a template and what it includes, as a page does.
  ///
  /// - Parameters:
  ///   - outer: the templates that it is included by.
  ///   - sections: those that are open where it is included.
  private func visit(
    _ name: String, within outer: [String], open sections: [String], _ partials: inout Int
  ) throws(Problem) {
    if outer.contains(name) {
      throw Problem(
        template: outer.last ?? name, words: "{{>\(oneLine(name))}} includes what it stands in, by itself or by others")
    }
    partials += 1
    guard partials <= Self.mostPartials, outer.count < Self.deepest else {
      throw Problem(
        template: name, words: "more than \(Self.mostPartials) templates in one page, or \(Self.deepest) in each other")
    }
    var open = sections
    for tag in tags[name] ?? [] {
      switch tag {
      case .open(let section):
        if open.contains(section) {
          throw Problem(
            template: name,
            words: "{{#\(oneLine(section))}} stands within itself; close the first with {{/\(oneLine(section))}}")
        }
        open.append(section)
        guard open.count <= Self.deepest else {
          throw Problem(template: name, words: "more than \(Self.deepest) sections in each other")
        }
      case .close(let section): if open.last == section { open.removeLast() }
      case .partial(let other): try visit(other, within: outer + [name], open: open, &partials)
      }
    }
  }
}
