import Build
import Files

extension FuzzedParser {
  static let imageSets = [tar, table, lines, coco]

  private static let goldens = "/Tests/Goldens/tars/"

  private static let tar = FuzzedParser(
    name: "tar",
    words: [
      "ustar\0", "ustar  \0", "path=", "size=", "11 path=x\n", "GNU.sparse.major=1\n", "00000000010\0", "L", "x", "g",
      "../",
    ],
    isText: false,
    seeds: { root in
      try ["ustar", "pax", "gnu"].map { format in
        // Most of an archive are zeros behind its end.
        let bytes = try readFile(root + goldens + format + ".tar")
        let end = (bytes.lastIndex { $0 != 0 } ?? 0) / 512 * 512 + 1536
        return Seed(file: "set.tar", bytes: Array(bytes.prefix(end)), finish: Containers.tar)
      }
    },
    read: { path, _ in
      for image in try ImageSet(images: path).images { _ = try readFile(at: image.place) }
    })

  private static let table = FuzzedParser(
    name: "table",
    words: [
      "\"", "\"\"", ",", "\t", ";", "\r\n", "\r", "\n", "\u{FEFF}", "filepath", "file_name", "title", "../", "/", "\0",
      "é",
    ],
    seeds: { _ in
      [
        "filepath\ttitle\na.jpg\tone\nb/c.jpg\t\"two\tand \"\"three\"\"\"\n",
        "file_name,text,label\r\n\"a,b.jpg\",\"x\ny\",1\r\n./c.jpg,,2\r\n",
      ]
      .map { Seed(file: "set.csv", bytes: Array($0.utf8)) }
    }, read: { path, _ in try readBoth(path) })

  private static let lines = FuzzedParser(
    name: "lines", words: wordsOfJSON + ["file_name", "text", "label", "\n", "../a.jpg"],
    seeds: { _ in
      [
        "{\"file_name\": \"a.jpg\", \"text\": \"one\"}\n{\"file_name\": \"b/c.jpg\", \"label\": 3, \"objects\": {\"bbox\": [1]}}\n"
      ]
      .map { Seed(file: "set.jsonl", bytes: Array($0.utf8)) }
    }, read: { path, _ in try readBoth(path) })

  private static let coco = FuzzedParser(
    name: "coco", words: wordsOfJSON + ["images", "annotations", "licenses", "id", "image_id", "caption", "file_name"],
    seeds: { _ in
      [
        #"{"info": {"year": 2014}, "images": [{"id": 1, "file_name": "a.jpg", "license": 3}, {"id": 2, "file_name": "b.jpg"}], "#
          + #""licenses": [{"id": 3, "name": "CC0"}], "annotations": [{"image_id": 1, "caption": "one"}]}"#
      ].map { Seed(file: "set.json", bytes: Array($0.utf8)) }
    }, read: { path, _ in try readBoth(path) })

  /// Without the rows that cannot be used, and where one is a problem.
  private static func readBoth(_ path: String) throws {
    _ = try ImageSet(images: path, options: ImageSetOptions(unreadable: .skip))
    _ = try ImageSet(images: path)
  }
}
