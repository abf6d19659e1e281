import Analysis

/// The shapes of what a plugin answers with, as docs/plugin-protocol.md has them.
extension Shape {
  /// A part of a page.
  package static let section = named(
    "section",
    .object([
      .init("subject", .subject, "the page that it stands on, by its path below the site; empty for the atlas"),
      .init("title", .text),
      .optional("order", .whole(-1_000_000...1_000_000), "sections of a page stand in ascending order; 100"),
      .optional("model", .text, "the model that the numbers are of"),
      .optional("plugin", .text, "who made it; a plugin's own name is put in its place"),
      .init("blocks", .list(block)),
    ]))

  package static let block = named(
    "block",
    .oneOf([
      .init("markdown", .text, "CommonMark without HTML"), .init("table", table), .init("imageStrip", imageStrip),
      .init("heatMaps", heatMaps), .init("bars", bars), .init("series", series), .init("scatter", scatter),
      .init("headGrid", headGrid), .init("download", download),
    ]))

  static let image = named(
    "image",
    .object([.init("set", .word(["gallery", "probe"])), .init("id", .text, "the image's identifier in its set")]))

  static let cell = named(
    "cell",
    .any(
      "a text, a number, null, {number, decimals}, {text, subject} for a link, or {set, id} for an image",
      [
        .null, .text, .number, .object([.init("number", .number), .init("decimals", decimals)]),
        .object([.init("text", .text), .init("subject", .subject)]), image,
      ]))

  static let decimals = whole(0...12)

  static let table = named(
    "table",
    .object([
      .init("caption", .text),
      .init(
        "columns",
        .list(
          .object([
            .init("title", .text), .optional("note", .text, "what it means, with its unit and which way it reads"),
            .optional("isNumeric", .boolean, "where all of its cells are numbers or null"),
          ]))),
      .init("rows", .list(.list(cell)), "each has one cell per column"),
    ]))

  static let imageStrip = named(
    "imageStrip",
    .object([
      .init("caption", .text),
      .init(
        "items",
        .list(
          .object([
            .init("image", image),
            .optional(
              "values",
              .list(.object([.init("name", .text), .init("value", .number), .optional("decimals", decimals, "3")]))),
            .optional("badge", .text, "a word over the image"),
          ]))),
    ]))

  static let heatMaps = named(
    "heatMaps",
    .object([
      .init("caption", .text), .init("gridSide", .whole(1...1024)), .init("unit", .text),
      .optional("isDiverging", .boolean, "false"), .optional("sharesScale", .boolean, "true"),
      .init(
        "maps",
        .list(
          .object([
            .init("title", .text), .init("image", image),
            .init("values", .list(.number), "gridSide² numbers, row by row from the top left"),
            .optional("link", .subject),
            .optional(
              "registers", .list(.whole(0...(1024 * 1024 - 1))),
              "patches that are large in most images whatever they show, by their place in values: they are hatched"),
          ]))),
    ]))

  static let bars = named(
    "bars",
    .object([
      .init("caption", .text), .init("unit", .text), .optional("decimals", decimals, "3"),
      .init(
        "items",
        .list(
          .object([
            .init("label", .text), .init("value", .number), .optional("link", .subject), .optional("note", .text),
            .optional("chance", .number, "what chance reaches, drawn in grey behind the bar"),
          ]))),
    ]))

  static let series = named(
    "series",
    .object([
      .init("caption", .text), .init("horizontal", .text), .init("vertical", .text),
      .init("ticks", .list(.text), "one per value"),
      .init(
        "lines",
        .list(
          .object([
            .init("name", .text), .init("values", .list(.number)), .optional("isControl", .boolean, "false"),
          ]))),
    ]))

  static let scatter = named(
    "scatter",
    .object([
      .init("caption", .text), .init("horizontal", .text), .init("vertical", .text),
      .init(
        "points",
        .list(
          .object([
            .init("label", .text), .init("x", .number), .init("y", .number), .optional("link", .subject),
          ]))),
    ]))

  static let headGrid = named(
    "headGrid",
    .object([
      .init("caption", .text), .init("model", .text), .init("layers", .whole(1...1024)),
      .init("heads", .whole(1...1024)), .init("measure", .text, "with its unit"),
      .optional("isDiverging", .boolean, "false"),
      .init("values", .list(.any("a finite number or null", [.null, .number])), "layer by layer, one per head"),
      .optional("labels", .list(.text), "a word per head; empty ones"),
    ]))

  static let download = named(
    "download", .object([.init("title", .text), .init("fileName", .fileName), .init("content", .text)]))

  /// A line of a plugin's answer after the first.
  package static let message = named(
    "message",
    .oneOf([
      .init("section", section),
      .init("values", .texts, "what {{value …}} in commentary may name, as it is printed"),
      .init("warning", .text, "a line that is worth knowing and no error"),
      .init("progress", .object([.init("done", .whole(0...(1 << 40))), .optional("total", .whole(0...(1 << 40)))])),
      .init("end", .boolean, "true, on the last line"),
    ]))

  /// A file of ready-made sections.
  package static let sectionFile = any(
    "a section, a list of sections, or an object with sections",
    [.object([.init("sections", .list(section))]), .list(section), section])
}
