/// The values of templates.
///
/// Every text is `Markup`, so that none can be unescaped.
struct PageView: TemplateFields {
  struct Link: TemplateFields {
    let title: Markup
    let link: Markup
  }
  struct Entry: TemplateFields {
    let title: Markup
    let link: Markup
    let isCurrent: Bool
  }
  struct Fact: TemplateFields {
    let name: Markup
    let value: Markup
  }
  /// `head`, `image` … for the style sheet.
  let kind: Markup
  let documentTitle: Markup
  /// The relative link to the root of the site, ending in a slash; empty at the root.
  let root: Markup
  let scripts: [Link]
  let siteTitle: Markup
  let home: Markup
  let navigation: [Entry]
  let trail: [Link]
  let hasTrail: Bool
  let heading: Markup
  let previous: Link?
  let next: Link?
  /// The same head of the layer before, and of the layer after.
  let above: Link?
  let below: Link?
  let contents: [Link]
  let hasContents: Bool
  let body: Markup
  let provenance: [Fact]
  let rebuild: Markup
  let citation: Markup
  /// Entries for a bibliography; empty on pages that have none.
  let bibtex: Markup
  let date: Markup
}
