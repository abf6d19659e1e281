import Attribution

/// What a page of the atlas is about.
///
/// Its `path` is the page's permanent address below the site's root.
public enum Subject: Sendable, Hashable, Encodable, Comparable {
  case atlas
  case model(String)
  case layer(model: String, layer: Int)
  case head(model: String, head: Head)
  case property(String)
  case image(String)
  case text(String)
  case contrast(String)
  case plugin(String)
  case metrics
  case method

  /// The folder of the subject's `index.html`, without slashes at either end; empty for the atlas itself.
  public var path: String {
    switch self {
    case .atlas: ""
    case .model(let id): "model/\(id)"
    case .layer(let model, let layer): "model/\(model)/layer/\(layer < 10 ? "0" : "")\(layer)"
    case .head(let model, let head): "model/\(model)/head/\(head.padded)"
    case .property(let id): "property/\(id)"
    case .image(let id): "image/\(id)"
    case .text(let id): "text/\(id)"
    case .contrast(let id): "contrast/\(id)"
    case .plugin(let id): "plugin/\(id)"
    case .metrics: "metrics"
    case .method: "method"
    }
  }

  /// Its path.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(path)
  }

  public static func < (left: Subject, right: Subject) -> Bool { left.path < right.path }
}
