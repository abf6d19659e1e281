import Analysis
import Attribution
import CLIP
import Evaluation
import Files
import Foundation
import Images
import Parallel

/// What `headatlas segmentation` is asked for.
package struct SegmentationOptions: Sendable {
  package var model: String
  /// A set of images, in any of the forms that an atlas's may have.
  package var images: String
  /// A file of JSON Lines, whose objects may name masks.
  package var captions: String?
  /// A folder with one mask for each image, of the same name.
  package var masks: String?
  /// The text of an image of a class, with `{}` for the class.
  package var prompt: String
  package var output: String
  package var compute: ComputeOptions

  package init(
    model: String, images: String, captions: String? = nil, masks: String? = nil, prompt: String = "a photo of a {}",
    output: String, compute: ComputeOptions = ComputeOptions()
  ) {
    self.model = model
    self.images = images
    self.captions = captions
    self.masks = masks
    self.prompt = prompt
    self.output = output
    self.compute = compute
  }
}

/// The file that `headatlas segmentation` writes.
private struct SegmentationFile: Encodable {
  let model: String
  let images: Int
  let masks: Int
  let texts: [String]
  let pixelAccuracy: Double
  let meanIntersectionOverUnion: Double
  let meanAveragePrecision: Double
  /// The scores of the method page: of the map itself, mean over masks.
  let iou: Double
  let ap: Double

  enum CodingKeys: String, CodingKey {
    case model, images, masks, texts, iou, ap
    case pixelAccuracy = "pixel_accuracy"
    case meanIntersectionOverUnion = "miou"
    case meanAveragePrecision = "map"
  }
}

/// Holds the maps of texts, all heads summed, against masks: the scores of zero-shot segmentation (`SegmentationScore`), and those of the
/// method page (`MapScore`).
///
/// A mask that lies outside what the model sees is left out.
/// - Throws: `MaskProblem`, and what reading images, masks and models throws.
package func scoreSegmentation(_ options: SegmentationOptions, progress: any ProgressReporter) throws {
  let output = try outputPath(options.output)
  let masked = try MaskedImages(options)
  try masked.check(threads: CLIPModel.threads(asked: options.compute.jobs))
  let model = try CLIPModel(ModelReference(options.model).source(), options.compute)
  let texts = try model.encode(texts: masked.texts)
  let (side, resize) = (model.configuration.imageSize, model.configuration.resize)
  var (tally, scores) = (SegmentationTally(), [MapScore]())
  try streamInParallel(masked.images.count, threads: model.threads, scratch: {}) { [images = masked.images] place, _ in
    let image = images[place]
    let found = try model.patchCoordinates(try model.pixels(ofImage: image.place)).scores(texts: texts)
    let mean = PatchScores.mean(found)
    let whole = try readImage(at: image.place)
    var (tally, scores) = (SegmentationTally(), [MapScore]())
    for object in image.objects {
      let mask = try readMask(path: object.mask)
      try mask.check(on: whole, path: object.mask, imagePath: "\(image.place)")
      let crop = mask.crop(side: side, resize: resize)
      guard crop.contains(true), let mean else { continue }
      let map = found[object.text]
      tally.add(map: map.subtracting(mean).sum(), mask: crop, width: side, height: side)
      if let score = MapScore(map: map.sum(), mask: crop, side: side) { scores.append(score) }
    }
    return (tally: tally, scores: scores)
  } take: { place, found in
    tally.add(found.tally)
    scores += found.scores
    progress.report(stage: "images", done: place + 1, total: masked.images.count)
  }
  guard let score = tally.score, let own = MapScore.mean(scores) else {
    throw MaskProblem.noMasks(images: options.images)
  }
  let file = SegmentationFile(
    model: options.model, images: masked.images.count, masks: score.masks, texts: masked.texts,
    pixelAccuracy: score.pixelAccuracy, meanIntersectionOverUnion: score.meanIntersectionOverUnion,
    meanAveragePrecision: score.meanAveragePrecision, iou: own.overlap, ap: own.precision)
  try writeFile((try jsonText(file) + "\n").utf8, to: output)
}
