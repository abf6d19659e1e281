import Analysis
import Files

/// How a page is cited, as entries of BibTeX: of the page, and of the study whose method the atlas follows.
///
/// No field has a date but that of SOURCE_DATE_EPOCH, so that a site built again has the same bytes.
struct Citation {
  private let content: SiteContent

  init(_ content: SiteContent) { self.content = content }

  /// The entries; nil for pages of which there are many and that are seldom cited by themselves.
  func entries(for page: Page) -> String? {
    guard case .subject(let subject) = page.kind else { return nil }
    switch subject {
    case .atlas, .model, .head: return "\(entry(for: page, subject))\n\n\(Self.study)"
    default: return nil
    }
  }

  private func entry(for page: Page, _ subject: Subject) -> String {
    let model = subject.model.flatMap { id in content.models.first { $0.id == id } }
    let of = if case .head = subject { model.map { " of \($0.title)" } ?? "" } else { "" }
    let title = subject == .atlas ? content.title : "\(page.title)\(of), in \(content.title)"
    let key =
      (["headatlas", slug(content.title)] + (subject == .atlas ? [] : [slug(page.name)]) + [content.shortHash ?? ""])
      .filter { !$0.isEmpty }.joined(separator: "-")
    let program = "HeadAtlas" + (content.version.map { " \($0)" } ?? "")
    var fields = [
      ("title", "{\(Self.escaped(title))}"),
      ("howpublished", Self.escaped("\(program), page \(page.name)")),
    ]
    if let hash = content.shortHash { fields.append(("note", "Atlas sha256 \(hash)")) }
    if let date = content.date { fields += [("year", String(date.prefix(4))), ("date", date)] }
    if let url = content.url {
      let path = page.address.index.path.split(separator: "/").map { percentEncoded(String($0), keeping: "-_.") }
      fields.append(("url", "\(url)/\(path.joined(separator: "/"))"))
    }
    return "@misc{\(key),\n" + fields.map { "  \($0.0) = {\($0.1)}" }.joined(separator: ",\n") + "\n}"
  }

  static let study = """
    @misc{madasu2024quantifying,
      title = {Quantifying and Enabling the Interpretability of {CLIP}-like Models},
      author = {Madasu, Avinash and Gandelsman, Yossi and Lal, Vasudev and Howard, Phillip},
      year = {2024},
      eprint = {2409.06579},
      archivePrefix = {arXiv}
    }
    """

  /// A text in a field of BibTeX.
  ///
  /// Braces are written by name, because BibTeX counts them even after a backslash.
  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "\\": result += "\\textbackslash{}"
      case "{": result += "\\textbraceleft{}"
      case "}": result += "\\textbraceright{}"
      case "~": result += "\\textasciitilde{}"
      case "^": result += "\\textasciicircum{}"
      case "#", "$", "%", "&", "_": result += "\\\(character)"
      case _ where character.isNewline: result += " "
      default: result.append(character)
      }
    }
    return result
  }
}
