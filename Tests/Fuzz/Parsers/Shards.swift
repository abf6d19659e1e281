import Build
import Files

extension FuzzedParser {
  static let shardFiles = [manifest, shard]

  private static let hash = String(repeating: "0a", count: 32)
  private static let lines = "\(hash)\tprobe-0\ta.jpg\n\(hash)\tprobe-1\tb.tar\tm%0A.jpg\t512\t77\n"

  private static let manifestText =
    "headatlas manifest\t1\nprogram\t\(headatlasVersion)\nbase\t/tmp\natlas\tatlas.yml\nfeatures\tfp32\nmodel\tsmall\tmodel\n"
    + "images\t2\t\(hexDigest(of: Array(lines.utf8)))\t/tmp/probe\n" + lines

  /// The frozen image set of shards.
  private static let manifest = FuzzedParser(
    name: "manifest",
    words: ["\t", "\n", "%", "%00", "%2F", "images", "model", "fp16", "-1", "9223372036854775807", "../", hash],
    seeds: { _ in [Seed(file: "manifest.tsv", bytes: Array(manifestText.utf8), finish: withDigest)] },
    read: { path, _ in _ = try ImageManifest(path) })

  /// The manifest with the number and the hash of its lines of images, without which it is refused.
  private static func withDigest(_ bytes: [UInt8]) -> [UInt8] {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard let place = lines.firstIndex(where: { $0.starts(with: "images\t".utf8) }) else { return bytes }
    let rest = Array(lines[(place + 1)...].joined(separator: [UInt8(ascii: "\n")]))
    var fields = lines[place].split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false).map(Array.init)
    guard fields.count > 2 else { return bytes }
    fields[1] = Array("\(rest.count { $0 == UInt8(ascii: "\n") })".utf8)
    fields[2] = Array(hexDigest(of: rest).utf8)
    let line = Array(fields.joined(separator: [UInt8(ascii: "\t")]))
    return Array((lines[..<place].map(Array.init) + [line, rest]).joined(separator: [UInt8(ascii: "\n")]))
  }

  private static let shape =
    #"{"embeddingWidth": 8, "headWidth": 4, "heads": 2, "layers": 2, "width": 8, "gridSide": 2}"#

  private static let marker = """
    {"identity": {"engine": "e", "features": "fp32", "images": "\(hexDigest(of: Array(lines.utf8)))", "model": "small", "modelKey": "k",
    "momentsKey": "m", "program": "\(headatlasVersion)", "shape": \(shape), "weights": "w"}, "shard": {"count": 1, "index": 0}, "pieceCount": 2,
    "pieces": [{"block": 0, "hash": "0a", "images": 1, "index": 0}, {"block": 1, "hash": "0b", "images": 1, "index": 1}], "files": []}
    """

  /// What a finished shard says of itself, as `headatlas merge` reads it.
  private static let shard = FuzzedParser(
    name: "shard",
    words: wordsOfJSON + [
      "identity", "shape", "layers", "heads", "pieces", "files", "index", "block", "images", "pieceCount", "bytes",
      "name", "digest", "4611686018427387904", "1099511627776",
    ],
    seeds: { _ in
      let file = "small/shard-0000-of-0001/shard.json"
      return [
        Seed(file: file, bytes: Array(marker.utf8)),
        // Numbers that others are multiplied with.
        Seed(file: file, bytes: Array(shape.utf8)) { bytes in
          Array(marker.replacing(shape, with: String(decoding: bytes, as: UTF8.self)).utf8)
        },
      ]
    },
    others: { _ in ["manifest.tsv": Array(manifestText.utf8)] },
    read: { path, _ in
      let base = folder(of: folder(of: folder(of: path)))
      do {
        try mergeShards(
          MergeOptions(folder: base, configuration: base + "/atlas.yml"), progress: SilentProgress(), report: { _ in })
      } catch ShardError.damaged {
        // The files that it names are not there.
      }
    })
}
