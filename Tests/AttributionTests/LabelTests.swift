import Attribution
import Testing

@Suite struct `A label` {
  private let names = PropertyNames([(id: "colour", title: "Colour"), (id: "body-parts", title: "Body parts")])

  @Test(
    arguments: [
      ("Colour", .property("colour")), ("colours", .property("colour")), (" COLOUR ", .property("colour")),
      ("body  part", .property("body-parts")), ("body-parts", .property("body-parts")),
      ("Colur", .text("Colur")), ("", .ambiguous), ("  ", .ambiguous), ("Ambiguous", .ambiguous),
    ] as [(String, Label)])
  func `is resolved to a property whatever its case and number`(text: String, label: Label) {
    #expect(names.label(text) == label)
  }

  @Test(
    arguments: [
      (.property("colour"), "Colour"), (.property("unknown"), "unknown"), (.text("Colur"), "Colur"),
      (.ambiguous, "ambiguous"),
    ] as [(Label, String)])
  func `is shown by the property's title`(label: Label, title: String) {
    #expect(names.title(of: label) == title)
  }

  @Test func `of two properties with one name is the first`() {
    #expect(PropertyNames([(id: "a", title: "Size"), (id: "b", title: "sizes")]).label("size") == .property("a"))
  }
}
