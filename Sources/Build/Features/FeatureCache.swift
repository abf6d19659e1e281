import Checkpoints
import Diagnostics
import Files
import Foundation
import Tensors

/// What is computed, kept by the content that it was computed from.
///
/// Safe to delete at any time.
package struct FeatureCache: Sendable {
  package let folder: String

  /// Counts up when what is stored, or how it is computed, changes.
  static let formatVersion = "3"

  /// What files of the cache hold; the first part of their names.
  enum Kind: String, CaseIterable {
    /// The probe set's features, a piece a file.
    case probe
    /// Moments of the probe set's features, a block of images a file.
    case moments
    /// The gallery's contributions, a batch a file.
    case gallery
    /// Text embeddings, a batch a file.
    case texts
    /// What TextSpan and the covariance say of a model's heads.
    case descriptions
    /// What the other methods say of a model's heads.
    case methods
    /// How much of each head's variance lies along the words of each property.
    case properties
    /// How often what is said of each head comes back in bootstraps.
    case stability
    /// Patch scores of one image with some texts.
    case patches
    /// The site's files of one image.
    case renditions
    /// What the CLS row of each head attends to in one image.
    case attention
    /// What the MLPs wrote for images of the probe set, a batch a file.
    case mlps
    /// How alike the heads of two models write, or those of one.
    case twins
    /// What plugins found.
    case results
    /// What the last build of a site was made from.
    case built

    var suffix: String {
      switch self {
      case .probe, .moments, .gallery, .texts, .patches, .attention, .mlps, .twins: "safetensors"
      case .descriptions, .methods, .properties, .stability, .built: "json"
      case .renditions, .results: "bin"
      }
    }
  }

  /// Whether what cannot be written into it is an error; else it costs time.
  private let isRequired: Bool

  package init(folder: String) {
    self.init(folder: folder, isRequired: false)
  }

  init(folder: String, isRequired: Bool) {
    (self.folder, self.isRequired) = (folder, isRequired)
  }

  /// The tensors kept for `inputs`; nil where there are none, or the file is damaged or has other names than asked for.
  ///
  /// - Parameters:
  ///   - inputs: all that the tensors depend on, as hashes and settings.
  ///   - names: of the tensors, in the order of the result.
  func tensors(_ kind: Kind, inputs: [String], names: [String]) -> [Tensor]? {
    let (key, path) = place(kind, inputs)
    guard FileManager.default.fileExists(atPath: path), let file = try? SafetensorsFile(path: path),
      file.metadata["key"] == key, file.names == names.sorted(),
      let tensors = try? names.map({ try file.tensor($0) }), file.metadata["digest"] == digest(of: tensors)
    else { return nil }
    return tensors
  }

  /// Whether there is a file of what is kept for `inputs`, whole or damaged.
  func holds(_ kind: Kind, inputs: [String]) -> Bool { FileKind(of: place(kind, inputs).path) != nil }

  /// Keeps tensors for `inputs`.
  ///
  /// A cache that cannot be written costs time, not the build.
  func keep(_ tensors: [Tensor], _ kind: Kind, inputs: [String], names: [String]) {
    precondition(tensors.count == names.count, "\(tensors.count) tensors for \(names.count) names")
    let (key, path) = place(kind, inputs)
    makeFolder()
    try? writeSafetensors(
      zip(names, tensors).map { ($0, $1) }, metadata: ["key": key, "digest": digest(of: tensors)], to: path)
  }

  /// The tensors kept for `inputs`, or those that `compute` makes, which are then kept.
  func tensors(
    _ kind: Kind, inputs: [String], names: [String], _ compute: () throws -> [Tensor]
  ) throws -> [Tensor] {
    if let found = tensors(kind, inputs: inputs, names: names) { return found }
    let made = try compute()
    keep(made, kind, inputs: inputs, names: names)
    return made
  }

  /// The bytes kept for `inputs`; nil where there are none, or the file is damaged.
  func bytes(_ kind: Kind, inputs: [String]) -> ArraySlice<UInt8>? {
    let (key, path) = place(kind, inputs)
    guard let bytes = try? readFile(path), let line = bytes.firstIndex(of: 10) else { return nil }
    let content = bytes[(line + 1)...]
    return String(decoding: bytes[..<line], as: UTF8.self) == key + hexDigest(of: content) ? content : nil
  }

  /// Keeps bytes for `inputs`, after a line that says what they are.
  ///
  /// A cache that cannot be written costs time, not the build.
  func keep(_ bytes: [UInt8], _ kind: Kind, inputs: [String]) {
    let (key, path) = place(kind, inputs)
    makeFolder()
    try? writeFile(Array("\(key)\(hexDigest(of: bytes))\n".utf8) + bytes, to: path)
  }

  /// The value kept for `inputs` as JSON; nil where there is none, or the file is damaged.
  func value<Value: Codable>(_ kind: Kind, inputs: [String]) -> Value? {
    bytes(kind, inputs: inputs).flatMap { try? JSONDecoder().decode(Value.self, from: Data($0)) }
  }

  /// Keeps a value for `inputs` as JSON.
  func keep(value: some Codable, _ kind: Kind, inputs: [String]) {
    guard let text = try? jsonText(value, isPretty: false) else { return }
    keep(Array(text.utf8), kind, inputs: inputs)
  }

  /// The value kept for `inputs`, or what `compute` makes, which is then kept.
  func value<Value: Codable>(_ kind: Kind, inputs: [String], _ compute: () throws -> Value) throws -> Value {
    if let found: Value = value(kind, inputs: inputs) { return found }
    let made = try compute()
    keep(value: made, kind, inputs: inputs)
    return made
  }

  private func makeFolder() {
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  private func place(_ kind: Kind, _ inputs: [String]) -> (key: String, path: String) {
    let key = joinedDigest([Self.formatVersion, kind.rawValue] + inputs)
    return (key, "\(folder)/\(kind.rawValue)-\(key.prefix(32)).\(kind.suffix)")
  }

  /// The file of the cache that has `key` among those of a model.
  ///
  /// - Parameter model: all that the model's results depend on but what they are of.
  func path(_ kind: Kind, ofModel model: String, key: String) -> String {
    "\(folder)/\(Self.prefix(kind, ofModel: model))\(key.prefix(32)).\(kind.suffix)"
  }

  /// What the names of a model's files begin with.
  static func prefix(_ kind: Kind, ofModel model: String) -> String {
    "\(kind.rawValue)-\(hexDigest(of: model.utf8).prefix(12))-"
  }

  /// The file that `make` writes at `path` in the cache; where that cannot be written, in the system's folder of temporary
  /// files, where it lies without a name until nobody reads it any more.
  ///
  /// - Parameter make: writes the file at the path given and opens it; throws `UnwritablePiece` where it cannot be written.
  /// - Throws: `FileError` where it can be written nowhere, and what `make` throws.
  func written<File>(at path: String, _ make: (String) throws -> File) throws -> File {
    let manager = FileManager.default
    do {
      makeFolder()
      return try make(path)
    } catch let failure as UnwritablePiece {
      if isRequired { throw FileError.unwritable(path: path, reason: failure.reason) }
      let temporary = manager.temporaryDirectory.appendingPathComponent("headatlas-features-\(UUID().uuidString)").path
      try? manager.createDirectory(atPath: temporary, withIntermediateDirectories: true)
      defer { try? manager.removeItem(atPath: temporary) }
      do {
        return try make(temporary + "/piece.safetensors")
      } catch let failure as UnwritablePiece {
        throw FileError.unwritable(path: temporary, reason: failure.reason)
      }
    }
  }

  private func digest(of tensors: [Tensor]) -> String {
    hexDigest(
      of: Array(
        tensors.map { tensor in tensor.values.withUnsafeBytes { hexDigest(of: Data($0)) } }.joined().utf8))
  }

  /// Files and bytes in the cache.
  package func size() -> (files: Int, bytes: Int) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let sizes = names.filter(isOurs).map { name in
      (try? FileManager.default.attributesOfItem(atPath: folder + "/" + name)[.size] as? Int) ?? 0
    }
    return (sizes.count, sizes.reduce(0, +))
  }

  /// Removes what `size` counts, and nothing else.
  package func clear() throws {
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where isOurs(name) {
      do {
        try FileManager.default.removeItem(atPath: folder + "/" + name)
      } catch {
        throw FileError.unwritable(path: folder + "/" + name, reason: systemReason(error))
      }
    }
  }

  private func isOurs(_ name: String) -> Bool {
    // What an interrupted build left of a file ends otherwise.
    Kind.allCases.contains { name.hasPrefix($0.rawValue + "-") && name.contains("." + $0.suffix) }
      || name == ImageCheck.fileName
  }
}
