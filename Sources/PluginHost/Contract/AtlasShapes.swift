/// The shape of `atlas.json`, which a site has at its root.
extension Shape {
  private static let count = whole(0...9_007_199_254_740_991)

  /// What an atlas is made from, and the files of the whole atlas.
  package static let atlas = object([
    .init("title", .text),
    .init("hash", .text, "SHA-256 of all that the atlas is made from, the same wherever it is built"),
    .init("headatlas", .text, "the version of the program"),
    .optional("date", .text, "as SOURCE_DATE_EPOCH gave it, such as 2026-01-31"),
    .optional("url", .text, "where the site is published, without a slash at the end"),
    .init(
      "counts",
      .object(
        [
          "models", "heads", "properties", "images", "probeImages", "texts", "contrasts", "candidateDescriptions",
          "pages",
        ].map { .init($0, count) })),
    .init("models", .list(named("model", atlasModel))),
    .init(
      "imageSets",
      .list(
        .object([
          .init("set", .word(["gallery", "probe"])), .init("images", count),
          .init("hash", .text, "SHA-256 of the images, names included"),
        ]))),
    .init("plugins", .list(.object([.init("id", .text), .init("title", .text), .init("version", .text)]))),
    .init(
      "files",
      .list(
        .object([
          .init("path", .text, "below the site"), .init("bytes", count), .init("hash", .text, "SHA-256"),
          .init("what", .text),
        ])), "of the whole atlas, beside this one"),
  ])

  private static let atlasModel = object([
    .init("id", .text), .init("title", .text), .init("layers", count), .init("headsPerLayer", count),
    .init("headWidth", count), .init("width", count), .init("embeddingWidth", count),
    .init("gridSide", count, "patches along a side of the square that the model sees"),
    .init("weights", .text, "SHA-256"),
    .init(
      "preprocessing",
      .object([
        .init("size", count, "the side of that square in pixels"),
        .init("resize", .word(["shortest", "squash"]), "the centre square, or the whole image squashed"),
        .init("mean", .list(.number), "of red, green and blue, 0 to 1"),
        .init("standardDeviation", .list(.number)),
      ])),
    .init("labellers", .list(.text), "those who label its heads, by their identifiers"),
    .optional("licence", .text, "of the weights"), .init("page", .subject),
  ])
}
