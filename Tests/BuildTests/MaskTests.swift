import Build
import Foundation
import TestSupport
import Testing

private let model = Fixtures.root.path + "/content/models/picture-world"
private let content = Fixtures.root.path + "/content/images"

@Suite("Maps held against masks") struct MaskTests {
  /// Copies files of the embedded atlas to names in a folder.
  private static func copy(_ files: [(from: String, to: String)], to folder: String) throws {
    for (from, to) in files {
      let target = URL(fileURLWithPath: folder + "/" + to)
      try FileManager.default.createDirectory(
        at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
      try FileManager.default.copyItem(at: URL(fileURLWithPath: content + "/" + from), to: target)
    }
  }

  private static func scores(_ options: SegmentationOptions) throws -> [String: Any] {
    try scoreSegmentation(options, progress: SilentProgress())
    let data = try Data(contentsOf: URL(fileURLWithPath: options.output))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  @Test("in a folder beside the images give what the same masks of captions give") func bothForms() throws {
    try Fixtures.withTemporaryFolder { folder in
      let images = ["gallery-000", "gallery-001"]
      try Self.copy(
        images.flatMap { [("gallery/\($0).jpg", "photos/\($0).jpg"), ("masks/\($0)-0.png", "outlines/\($0).png")] },
        to: folder)
      let lines = images.map {
        #"{"file": "\#($0).jpg", "caption": "a \#($0)", "objects": [{"text": "a \#($0)", "mask": "../outlines/\#($0).png"}]}"#
      }
      let captions = folder + "/captions.jsonl"
      try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: captions))
      let named = try Self.scores(
        SegmentationOptions(model: model, images: folder + "/photos", captions: captions, output: folder + "/a.json"))
      let beside = try Self.scores(
        SegmentationOptions(
          model: model, images: folder + "/photos", captions: captions, masks: folder + "/outlines",
          output: folder + "/b.json"))
      #expect(NSDictionary(dictionary: named) == NSDictionary(dictionary: beside))
      #expect(named["masks"] as? Int == 2 && beside["images"] as? Int == 2)
      for key in ["pixel_accuracy", "miou", "map", "iou", "ap"] {
        let score = try #require(named[key] as? Double)
        #expect(score >= 0 && score <= 1, "\(key)")
      }
    }
  }

  @Test("that are missing, or have no text, are named before any work") func refused() throws {
    try Fixtures.withTemporaryFolder { folder in
      let images = ["gallery-000", "gallery-001"]
      try Self.copy(
        images.map { ("gallery/\($0).jpg", "photos/\($0).jpg") } + [
          ("gallery/gallery-002.jpg", "masks/gallery-000.jpg")
        ],
        to: folder)
      func message(captions: String? = nil, masks: String? = nil) throws -> String {
        let file = folder + "/captions.jsonl"
        if let captions { try Data(captions.utf8).write(to: URL(fileURLWithPath: file)) }
        do {
          _ = try Self.scores(
            SegmentationOptions(
              model: folder + "/no model", images: folder + "/photos", captions: captions.map { _ in file },
              masks: masks.map { folder + "/" + $0 }, output: folder + "/out.json"))
          return "nothing"
        } catch { return "\(error)".replacingOccurrences(of: folder, with: "") }
      }
      let captions = images.map { #"{"file": "\#($0).jpg", "caption": "\#($0)"}"# + "\n" }
      #expect(
        try message(captions: captions[0])
          == "/photos: no image has a mask, expected objects with the key mask in the file of --captions, or --masks FOLDER with a mask for each image"
      )
      #expect(
        try message(captions: captions.joined(), masks: "masks")
          == #"/masks: no mask for "gallery-001.jpg", expected a file of that name with any extension; the nearest is "gallery-000""#
      )
      // All at once, without a model.
      for name in ["gallery-000", "gallery-001"] {
        try Data("no image".utf8).write(to: URL(fileURLWithPath: folder + "/damaged-\(name).png"))
      }
      let damaged = images.map {
        #"{"file": "\#($0).jpg", "caption": "\#($0)", "objects": [{"text": "\#($0)", "mask": "../damaged-\#($0).png"}]}"#
          + "\n"
      }
      let lines = try message(captions: damaged.joined()).split(separator: "\n")
      #expect(lines.count == 2 && zip(lines, images).allSatisfy { $0.contains("damaged-\($1).png: ") }, "\(lines)")
      try Self.copy([("masks/gallery-000-0.png", "masks/gallery-000.png")], to: folder)
      #expect(
        try message(captions: captions.joined(), masks: "masks")
          == "/masks/gallery-000.png: of the same image as /masks/gallery-000.jpg, expected one mask for each image")
      try FileManager.default.removeItem(atPath: folder + "/masks/gallery-000.png")
      #expect(
        try message(masks: "masks")
          == "gallery-000.jpg: no text to look for, expected a caption, or a folder of its class: give --captions")
      #expect(
        try message(
          captions: #"{"file": "gallery-000.jpg", "objects": [{"text": "a cat", "mask": "../masks/gallery-000.jpg"}]}"#)
          == #"all masks are of "a cat", expected at least two texts: a map is held against the mean of the maps of all"#
      )
    }
  }
}
