import Attribution
import Tensors

extension ModelEvidence {
  /// A head with its label, as captions name it: `L5.H0 (Setting)`.
  public func name(of head: Head) -> String { "\(head) (\(heads[shape.index(of: head)].label))" }

  /// The labels of all heads, in the order of `shape.allHeads`.
  public var labels: [String] { heads.map(\.label) }

  public func subject(of head: Head) -> Subject { .head(model: model, head: head) }

  /// The page of a gallery picture.
  public func subject(ofPicture index: Int) -> Subject { .image(gallery.items[index].reference.id) }

  /// The page of a curated text.
  public func subject(ofText index: Int) -> Subject { .text(texts.items[index].id) }
}

extension TextCollection {
  /// The embeddings of some of the texts, `[count, E]`.
  public func embeddings(of indices: [Int]) -> Tensor {
    Tensor(shape: [indices.count, embeddings.rowCount], values: indices.flatMap { embeddings.row($0) })
  }
}

extension ImageStrip {
  /// Neighbours with both of their scores, after the picture they are neighbours of where there is one.
  public init(
    caption: String, query: ImageReference? = nil, neighbours: [Neighbour], in probe: ProbeSet
  ) {
    let first = query.map { [Item(image: $0, badge: "query")] } ?? []
    self.init(caption: caption, items: first + Self.items(neighbours, in: probe))
  }

  /// Neighbours with both of their scores, each under `badge`.
  public static func items(
    _ neighbours: [Neighbour], in probe: ProbeSet, badge: String? = nil
  ) -> [Item] {
    let decimals = decimals(for: neighbours.map(\.dot))
    return neighbours.map { neighbour in
      Item(
        image: probe.items[neighbour.row].reference,
        values: [
          NamedValue("dot", neighbour.dot, decimals: decimals), NamedValue("cosine", neighbour.cosine, decimals: 2),
        ], badge: badge)
    }
  }
}

/// How many decimals show the largest of some numbers with three digits, 2 to 8.
public func decimals(for numbers: some Collection<Double>) -> Int {
  var largest = numbers.reduce(0) { max($0, abs($1)) }
  guard largest > 0, largest.isFinite else { return 3 }
  var decimals = 2
  while largest < 1, decimals < 8 {
    largest *= 10
    decimals += 1
  }
  return decimals
}

/// A number with a fixed number of decimals, for captions.
public func fixed(_ number: Double, decimals: Int) -> String {
  let scale = (0..<max(decimals, 0)).reduce(1.0) { scale, _ in scale * 10 }
  // Beyond 2^53 the digits after the point are not those of the number any more.
  guard number.isFinite, abs(number) * scale < 9e15 else { return "\(number)" }
  let rounded = (abs(number) * scale).rounded()
  let whole = (rounded / scale).rounded(.towardZero)
  let sign = number < 0 && rounded > 0 ? "−" : ""
  guard decimals > 0 else { return "\(sign)\(Int(whole))" }
  let fraction = String(Int(rounded - whole * scale))
  return "\(sign)\(Int(whole)).\(String(repeating: "0", count: decimals - fraction.count))\(fraction)"
}

/// A share as a whole number of percent: `12 %`.
public func percent(_ share: Double) -> String { "\(fixed(share * 100, decimals: 0)) %" }

/// A number with its noun: `1 head`, `3 heads`.
public func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
