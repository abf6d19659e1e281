import Attribution
import CLIP
import Checkpoints
import Files
import Foundation
import LinearAlgebra
import Parallel
import Tensors

/// What `headatlas encode` is asked for: images, texts or both; patches of images only.
package struct EncodeOptions: Sendable {
  package var model: String
  /// Files, folders and other sets.
  package var images: [String]
  package var unreadable: UnreadableImages
  /// A file with one text a line.
  package var texts: String?
  package var patches: Bool
  /// Also what the model is given: pixels and tokens.
  package var inputs: Bool
  package var output: String
  package var compute: ComputeOptions

  package init(
    model: String, images: [String], unreadable: UnreadableImages = .stop, texts: String?, patches: Bool,
    inputs: Bool = false, output: String, compute: ComputeOptions = ComputeOptions()
  ) {
    self.model = model
    self.images = images
    self.unreadable = unreadable
    self.texts = texts
    self.patches = patches
    self.inputs = inputs
    self.output = output
    self.compute = compute
  }
}

/// Writes float32 tensors: `image_embeddings [N, E]`, `head_contributions [N, L, H, E]`, `mlp_contributions [N, L+1,
/// E]`, `text_embeddings [M, E]` and, where asked for, `patch_contributions [N, L, P, H, E]`, `pixels [N, 3, S, S]` and
/// `tokens [M, C]`, padded with zeros to the context length.
///
/// Rows are in the order of `imageArguments` and of the lines, kept as JSON in the metadata keys `images` and
/// `texts`; images that are skipped are not among them.
package func encode(_ options: EncodeOptions, progress: any ProgressReporter) throws {
  let output = try outputPath(options.output)
  let named = try imageArguments(options.images, remark: progress.remark)
  let texts = try options.texts.map { try readLines($0, pipes: true) }
  let model = try CLIPModel(ModelReference(options.model).source(), options.compute)
  let images = try readableImages(named, options.unreadable, threads: model.threads, progress: progress)
  let places = images.map(\.place)
  var tensors: [(name: String, tensor: Tensor)] = []
  var metadata: [String: String] = [:]
  if !places.isEmpty {
    tensors += try imageTensors(model, places, patches: options.patches, progress)
    if options.inputs { tensors.append(("pixels", try pixels(model, places))) }
    metadata["images"] = try jsonText(images.map(\.name), isPretty: false)
  }
  if let texts {
    progress.report(stage: "texts", done: 0, total: texts.count)
    tensors.append(("text_embeddings", try model.encode(texts: texts)))
    progress.report(stage: "texts", done: texts.count, total: texts.count)
    if options.inputs { tensors.append(("tokens", tokens(model, texts))) }
    metadata["texts"] = try jsonText(texts, isPretty: false)
  }
  try writeSafetensors(tensors, metadata: metadata, to: output)
}

private func imageTensors(
  _ model: CLIPModel, _ places: [FilePlace], patches: Bool, _ progress: any ProgressReporter
) throws -> [(name: String, tensor: Tensor)] {
  let shape = model.shape
  var (embeddings, heads, mlp, patchValues): ([Float], [Float], [Float], [Float]) = ([], [], [], [])
  try model.forEachBlock(of: places, progress: progress, stage: "images") { range, block in
    embeddings += block.embeddings.values
    mlp += block.mlp.values
    heads += block.allContributions().values
    guard patches else { return }
    patchValues += try inParallel(range.count, threads: model.threads) { index in
      try model.patchCoordinates(try model.pixels(ofImage: places[range.lowerBound + index])).contributions().values
    }.flatMap { $0 }
  }
  let (count, width) = (places.count, shape.embeddingWidth)
  var tensors: [(name: String, tensor: Tensor)] = [
    ("image_embeddings", Tensor(shape: [count, width], values: embeddings)),
    ("head_contributions", Tensor(shape: [count, shape.layers, shape.heads, width], values: heads)),
    ("mlp_contributions", Tensor(shape: [count, shape.layers + 1, width], values: mlp)),
  ]
  if patches {
    let patchShape = [count, shape.layers, shape.patches, shape.heads, width]
    tensors.append(("patch_contributions", Tensor(shape: patchShape, values: patchValues)))
  }
  return tensors
}

private func pixels(_ model: CLIPModel, _ places: [FilePlace]) throws -> Tensor {
  let size = model.configuration.imageSize
  let images = try inParallel(places.count, threads: model.threads) { try model.pixels(ofImage: places[$0]).values }
  return Tensor(shape: [places.count, 3, size, size], values: images.flatMap { $0 })
}

private func tokens(_ model: CLIPModel, _ texts: [String]) -> Tensor {
  Tensor(
    shape: [texts.count, model.configuration.contextLength],
    values: texts.flatMap { model.paddedTokens(of: $0).map(Float.init) })
}
