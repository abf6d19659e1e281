import Analysis
import Files
import Foundation

/// `index.json` beside a page: the same for programs.
struct PageTwin: Encodable {
  let page: String
  let subject: Subject?
  let title: String
  /// The model of a page of one model; pages shared by models say it in their sections.
  let model: String?
  let sections: [Section]
  let provenance: [SiteContent.Fact]
  let rebuild: String
  let date: String?

  /// One line of JSON, keys in order.
  func json() throws -> [UInt8] { Array((try jsonText(self, isPretty: false) + "\n").utf8) }
}

extension Subject {
  /// The model whose page this is; nil for pages that models share.
  var model: String? {
    switch self {
    case .model(let id): id
    case .layer(let model, _): model
    case .head(let model, _): model
    case .atlas, .property, .image, .text, .contrast, .plugin, .metrics, .method: nil
    }
  }

  /// A word for the style sheet and the search.
  var kind: String {
    switch self {
    case .atlas: "atlas"
    case .model: "model"
    case .layer: "layer"
    case .head: "head"
    case .property: "property"
    case .image: "image"
    case .text: "text"
    case .contrast: "contrast"
    case .plugin: "plugin"
    case .metrics: "metrics"
    case .method: "method"
    }
  }
}
