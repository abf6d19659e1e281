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
  /// A further page of a plugin, which its manifest names.
  case pluginPage(plugin: String, page: String)
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
    case .pluginPage(let plugin, let page): "plugin/\(plugin)/\(page)"
    case .metrics: "metrics"
    case .method: "method"
    }
  }

  /// Reads a path as `path` writes it; nil where it is none.
  public init?(path: String) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count <= 4, path.isEmpty || !parts.contains("") else { return nil }
    switch (parts[0], parts.count) {
    case ("", 1): self = .atlas
    case ("metrics", 1): self = .metrics
    case ("method", 1): self = .method
    case ("model", 2): self = .model(parts[1])
    case ("property", 2): self = .property(parts[1])
    case ("image", 2): self = .image(parts[1])
    case ("text", 2): self = .text(parts[1])
    case ("contrast", 2): self = .contrast(parts[1])
    case ("plugin", 2): self = .plugin(parts[1])
    case ("plugin", 3): self = .pluginPage(plugin: parts[1], page: parts[2])
    case ("model", 4) where parts[2] == "layer":
      guard let layer = Int(parts[3]), layer >= 0 else { return nil }
      self = .layer(model: parts[1], layer: layer)
    case ("model", 4) where parts[2] == "head":
      guard let head = Head(parts[3]) else { return nil }
      self = .head(model: parts[1], head: head)
    default: return nil
    }
  }

  /// The name of its kind, as `plugin.yml`, style sheets and the search have it.
  package var kind: String {
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
    case .pluginPage: "plugin-page"
    case .metrics: "metrics"
    case .method: "method"
    }
  }

  /// The names of all kinds.
  package static let kinds = [
    "atlas", "model", "layer", "head", "property", "image", "text", "contrast", "plugin", "plugin-page",
    "metrics", "method",
  ]

  /// Its path.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(path)
  }

  public static func < (left: Subject, right: Subject) -> Bool { left.path < right.path }
}
