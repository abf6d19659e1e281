import Attribution
import Build
import CLIP
import Checkpoints
import Files
import Foundation
import LinearAlgebra
import Tensors

/// What was loaded so far, and the work on it.
final class Bench {
  private var model: CLIPModel?
  private var pixels: [Tensor] = []
  private var head: SyntheticHead?

  func answer(_ request: Request) throws -> Answer {
    let threads = request.threads ?? model?.threads ?? ProcessInfo.processInfo.activeProcessorCount
    switch request.work {
    case .load: return try load(request)
    case .pixels: return try readPixels(need(request.file, "file"))
    case .decompose: return try decompose(need(request.count, "count"))
    case .save: return try save(need(request.count, "count"), to: need(request.file, "file"))
    case .images: return try decompose(files: need(request.files, "files"))
    case .texts: return try encode(textsOf: need(request.file, "file"), count: request.count)
    case .peak:
      return try productPeak(
        need(request.sizes, "sizes"), threads: threads, precision: request.precision ?? model?.precision ?? .fp32)
    case .head:
      head = try SyntheticHead(file: need(request.file, "file"))
      return Answer()
    case .statistics:
      return try loaded(head, "head").statistics(
        copies: request.heads ?? 1, images: request.images, threads: threads)
    case .textspan:
      return try loaded(head, "head").textSpan(
        copies: request.heads ?? 1, texts: request.texts, count: need(request.count, "count"), threads: threads)
    case .describe:
      return try loaded(head, "head").describe(
        copies: request.heads ?? 1, texts: request.texts, count: need(request.count, "count"), threads: threads)
    case .stability:
      return try loaded(head, "head").bootstraps(
        copies: request.heads ?? 1, texts: request.texts, count: need(request.count, "count"),
        compared: request.queries ?? 0, threads: threads)
    case .twins: return try compareSyntheticTowers(images: need(request.images, "images"), threads: threads)
    case .search:
      return try loaded(head, "head").search(
        images: request.images, queries: request.queries ?? 1, count: need(request.count, "count"))
    case .memory: return Answer(numbers: peakMemory().map { ["peak": Double($0)] } ?? [:])
    }
  }

  private func need<Value>(_ value: Value?, _ key: String) throws -> Value {
    guard let value else { throw RequestError.missing(key) }
    return value
  }

  private func loaded<Value>(_ value: Value?, _ what: String) throws -> Value {
    guard let value else { throw RequestError.notLoaded(what) }
    return value
  }

  private func load(_ request: Request) throws -> Answer {
    let precision = request.precision ?? .fp32
    let folder = try need(request.model, "model")
    let (loaded, seconds) = try timed {
      try CLIPModel(ModelSource(folder: folder), threads: request.threads, precision: precision)
    }
    model = loaded
    return Answer(seconds: seconds)
  }

  private func readPixels(_ file: String) throws -> Answer {
    let size = try loaded(model, "model").configuration.imageSize
    let found = try readTensor("pixels", of: file)
    guard found.shape.count == 4, found.shape.dropFirst() == [3, size, size] else {
      throw RequestError.shape(file: file, tensor: "pixels", found: found.shape, expected: "[N, 3, \(size), \(size)]")
    }
    pixels = (0..<found.rows).map { Tensor(shape: [3, size, size], values: Array(found.row($0))) }
    return Answer()
  }

  private func decompose(_ count: Int) throws -> Answer {
    let model = try loaded(model, "model")
    guard !pixels.isEmpty else { throw RequestError.notLoaded("pixels") }
    let pixels = pixels
    let (sum, seconds) = try timed {
      var sum = 0.0
      try model.decompose(count: count, pixels: { pixels[$0 % pixels.count] }) { sum += checksum($1.embeddings) }
      return sum
    }
    return Answer(seconds: seconds, checksum: sum)
  }

  private func save(_ count: Int, to file: String) throws -> Answer {
    let model = try loaded(model, "model")
    guard pixels.count >= count else { throw RequestError.notLoaded("\(count) images") }
    let parts = try model.decompose(Array(pixels[..<count]))
    try writeSafetensors(
      [
        ("image_embeddings", parts.embeddings), ("head_contributions", parts.allContributions()),
        ("mlp_contributions", parts.mlp),
      ], metadata: [:], to: file)
    return Answer()
  }

  private func decompose(files: [String]) throws -> Answer {
    let model = try loaded(model, "model")
    let (sum, seconds) = try timed {
      var sum = 0.0
      try model.forEachBlock(of: files.map(FilePlace.init), progress: SilentProgress(), stage: "images") {
        sum += checksum($1.embeddings)
      }
      return sum
    }
    return Answer(seconds: seconds, checksum: sum)
  }

  private func encode(textsOf file: String, count: Int?) throws -> Answer {
    let model = try loaded(model, "model")
    let lines = try readTexts(file)
    let texts = Array(lines.prefix(count ?? lines.count))
    let (embeddings, seconds) = try timed { try model.encode(texts: texts) }
    return Answer(seconds: seconds, checksum: checksum(embeddings), numbers: ["texts": Double(texts.count)])
  }
}

func readTensor(_ name: String, of file: String) throws -> Tensor {
  let stored = try SafetensorsFile(path: file)
  guard stored.shape(of: name) != nil else {
    throw RequestError.shape(file: file, tensor: name, found: nil, expected: "a tensor of that name")
  }
  return try stored.tensor(name)
}

func checksum(_ tensor: Tensor) -> Double { tensor.values.reduce(0) { $0 + Double(abs($1)) } }
