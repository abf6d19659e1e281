import Tensors

/// How near words are to each other, in the eyes of a model's own text tower.
///
/// A contrastive text tower sets "red" and "blue" as far apart as it can, so that the embedding of a word says little
/// of its kind. Two things do, and they are added:
/// - its *meaning*: what the word adds to the lines it stands in, the difference of a line's embedding with and
///   without it, averaged over lines, less the average of all words;
/// - its *manner*: how it behaves in lines of others. It is put in the gaps of a few example lines ("a _ cat", "a red
///   _"); the inner products between the resulting embeddings, and of each with that of the gap left open, tell a
///   word that colours any object from one that takes an object's place.
struct WordSpace {
  /// Unit vectors by word.
  private let meanings: [String: [Double]]
  private let manners: [String: [Double]]

  /// Lines whose embeddings with and without a word are averaged; more changes little.
  private static let linesPerWord = 4

  /// - Parameters:
  ///   - words: in any order, each once.
  ///   - lines: where to look for the words; a word that is in none is put in the frames instead.
  ///   - frames: lines with the word that is to be replaced.
  ///   - embed: `[count, E]` for a list of texts.
  init(
    words: [String], lines: [LineWords], frames: [(line: LineWords, gap: String)],
    embed: ([String]) throws -> Tensor
  ) throws {
    var linesOf: [String: [LineWords]] = [:]
    for line in lines {
      for word in line.content where linesOf[word, default: []].count < Self.linesPerWord {
        if !linesOf[word, default: []].contains(line) { linesOf[word, default: []].append(line) }
      }
    }
    func places(_ word: String) -> [(with: String, without: String)] {
      let lines = linesOf[word] ?? []
      if !lines.isEmpty { return lines.map { ($0.text, $0.replacing(word, with: nil)) } }
      return frames.map { ($0.line.replacing($0.gap, with: word), $0.line.replacing($0.gap, with: nil)) }
    }
    let texts =
      words.flatMap { places($0).flatMap { [$0.with, $0.without] } }
      + words.flatMap { word in frames.map { $0.line.replacing($0.gap, with: word) } }
      + frames.map { $0.line.replacing($0.gap, with: nil) }
    let embeddings = try Embeddings(texts, embed: embed)

    let effects = words.map { word in
      mean(places(word).map { place in zip(embeddings[place.with], embeddings[place.without]).map { $0 - $1 } })
    }
    let centre = mean(effects)
    meanings = Dictionary(
      uniqueKeysWithValues: zip(words, effects.map { unit(zip($0, centre).map { $0 - $1 }) }))

    let open = frames.map { embeddings[$0.line.replacing($0.gap, with: nil)] }
    let behaviours = words.map { word in
      let filled = frames.map { embeddings[$0.line.replacing($0.gap, with: word)] }
      let between = filled.indices.flatMap { first in (0..<first).map { dot(filled[first], filled[$0]) } }
      return between + zip(filled, open).map { dot($0, $1) }
    }
    manners = Dictionary(uniqueKeysWithValues: zip(words, standardised(behaviours).map(unit)))
  }

  /// The mean of the cosines of meaning and manner, −1 to 1; 1 for a word and itself.
  func similarity(_ first: String, _ second: String) -> Double {
    if first == second { return 1 }
    guard let meaning = meanings[first], let manner = manners[first], let otherMeaning = meanings[second],
      let otherManner = manners[second]
    else { return 0 }
    return (dot(meaning, otherMeaning) + dot(manner, otherManner)) / 2
  }
}

/// The embeddings of many texts, each asked for once.
private struct Embeddings {
  private let rows: [String: [Double]]

  init(_ texts: [String], embed: ([String]) throws -> Tensor) throws {
    let unique = Set(texts).sorted()
    let tensor = try embed(unique)
    guard tensor.shape.count == 2, tensor.rows == unique.count else {
      throw LabelError.embeddings(shape: tensor.shape, texts: unique.count)
    }
    rows = Dictionary(
      uniqueKeysWithValues: unique.enumerated().map { ($1, tensor.row($0).map(Double.init)) })
    if let damaged = unique.first(where: { rows[$0]?.allSatisfy(\.isFinite) == false }) {
      throw LabelError.notFinite(text: damaged)
    }
  }

  subscript(_ text: String) -> [Double] { rows[text] ?? [] }
}

private func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

private func unit(_ vector: [Double]) -> [Double] {
  let length = dot(vector, vector).squareRoot()
  return length > 1e-12 ? vector.map { $0 / length } : vector.map { _ in 0 }
}

private func mean(_ rows: [[Double]]) -> [Double] {
  guard var sum = rows.first else { return [] }
  for row in rows.dropFirst() {
    for index in sum.indices { sum[index] += row[index] }
  }
  return sum.map { $0 / Double(rows.count) }
}

/// Every column less its mean, divided by its standard deviation.
private func standardised(_ rows: [[Double]]) -> [[Double]] {
  let centre = mean(rows)
  let centred = rows.map { zip($0, centre).map { $0 - $1 } }
  let spread = mean(centred.map { $0.map { $0 * $0 } }).map { $0.squareRoot() }
  return centred.map { zip($0, spread).map { $1 > 1e-9 ? $0 / $1 : 0 } }
}
