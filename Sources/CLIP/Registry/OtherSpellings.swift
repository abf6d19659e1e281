import Diagnostics

extension RegisteredModel {
  /// How a model is spelled here that others call by another name: OpenAI's `ViT-L/14@336px`, open_clip's name of an
  /// architecture alone, a repository of the hub without `hf-hub:`; nil where no such name is known.
  package static func respelled(_ name: String) -> String? {
    if inRepository(name) != nil { return "hf-hub:\(name)" }
    let letters = plain(name)
    guard let architecture = Architecture.all.first(where: { plain($0.name) == letters }) else { return nil }
    return first(of: architecture.name)
  }

  /// The published model or repository whose name is nearest; nil where none is near.
  package static func nearest(to name: String) -> String? {
    if let id = nearestName(to: name, in: all.map(\.id)) { return id }
    if let repository = nearestName(to: name, in: all.flatMap(\.repositories)) { return "hf-hub:\(repository)" }
    return nearestName(to: name, in: Architecture.all.map(\.name)).flatMap(first)
  }

  /// The first published model of an architecture, OpenAI's where there is one.
  private static func first(of architecture: String) -> String? {
    let models = all.filter { $0.architectureName == architecture }
    return (models.first { $0.tag == "openai" } ?? models.first)?.id
  }

  /// Without what spellings differ in.
  private static func plain(_ name: String) -> String {
    let letters = name.lowercased().filter { $0.isLetter || $0.isNumber }
    return letters.hasSuffix("px") ? String(letters.dropLast(2)) : letters
  }

  /// What open_clip's models of other kinds have in their names, in lower case, and what they are.
  private static let otherKinds: [(part: String, kind: String)] = [
    ("siglip", "SigLIP"), ("mobileclip", "MobileCLIP"), ("pe-core", "Perception Encoder"), ("vitamin", "ViTamin"),
    ("convnext", "ConvNeXt"), ("clipa", "CLIPA"), ("worldwide", "MetaCLIP worldwide"), ("nllb-", "NLLB-CLIP"),
    ("roberta", "a text tower of RoBERTa"),
  ]
  /// The same of what their names begin with.
  private static let otherBeginnings: [(part: String, kind: String)] = [
    ("rn50", "ResNet"), ("rn101", "ResNet"), ("coca_", "CoCa"), ("eva01-", "EVA"), ("eva02-", "EVA"),
    ("mt5-", "a text tower of mT5"), ("swin_", "Swin"), ("vit_", "an image tower of timm"),
  ]

  /// The kind of an open_clip model that is not supported, by its name; nil for any other name.
  package static func unsupportedKind(of name: String) -> String? {
    let name = name.lowercased()
    return (otherKinds.first { name.contains($0.part) } ?? otherBeginnings.first { name.hasPrefix($0.part) })?.kind
  }
}
