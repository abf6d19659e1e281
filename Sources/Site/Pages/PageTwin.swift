import Analysis
import Files

/// The content of a page for programs, written to `index.json` beside it.
struct PageTwin: Encodable {
  let page: String
  let subject: Subject?
  let title: String
  /// The model of a page about one model; on other pages the sections name theirs.
  let model: String?
  let sections: [Section]
  let provenance: [SiteContent.Fact]
  let rebuild: String
  let date: String?

  /// One line of JSON with sorted keys.
  func json() throws -> [UInt8] { Array((try jsonText(self, isPretty: false) + "\n").utf8) }
}

extension Subject {
  /// The model that the subject belongs to; nil where it belongs to none.
  var model: String? {
    switch self {
    case .model(let id): id
    case .layer(let model, _): model
    case .head(let model, _): model
    case .atlas, .property, .image, .text, .contrast, .plugin, .pluginPage, .metrics, .method: nil
    }
  }
}
