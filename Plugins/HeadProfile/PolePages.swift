import Analysis
import Diagnostics

/// What the images at the ends of a head's first principal directions look like.
extension ProfilePages {
  private static let directionsShown = 2
  private static let imagesOfEnd = 6
  private static let imagesOfMiddle = 3

  /// A section for each direction: the first stands at the top of the page.
  func polesSections(_ head: HeadEvidence) throws -> [Section] {
    let found = try evidence.images(
      along: head, directions: Self.directionsShown, ends: Self.imagesOfEnd, middle: Self.imagesOfMiddle)
    let sections = zip(head.directions, found).enumerated().compactMap { place, pair -> Section? in
      let shown = blocks(place, pair.0, pair.1)
      guard !shown.isEmpty else { return nil }
      return section(
        evidence.subject(of: head.head), place == 0 ? "What it tells apart" : "What it tells apart next",
        order: place == 0 ? 3 : 11, shown)
    }
    return sections + (spread(head, found).map { [$0] } ?? [])
  }

  /// How all images lie along the directions; nil where that would be a line of single images.
  private func spread(_ head: HeadEvidence, _ found: [DirectionImages]) -> Section? {
    guard let steps = found.first?.shares.count, evidence.probe.items.count > steps else { return nil }
    let series = Series(
      caption:
        "How the \(evidence.probe.items.count) probe images lie along its first two principal directions: one hump is a matter of degree, two far apart are a matter of yes "
        + "or no, and a long tail is a few images against the rest.",
      horizontal: "from the image with least along the direction to the one with most", vertical: "share of the images",
      ticks: (0..<steps).map { "\(Int(((Double($0) + 0.5) / Double(steps) * 100).rounded())) %" },
      lines: zip(["first direction", "second direction"], found).map { Series.Line(name: $0, values: $1.shares) })
    return section(evidence.subject(of: head.head), "How images lie along its directions", order: 31, [.series(series)])
  }

  private func blocks(_ place: Int, _ direction: PrincipalDirection, _ images: DirectionImages) -> [Block] {
    let share = "\(fixed(direction.share * 100, decimals: 0)) % of what it writes varies along "
    let name = place == 0 ? "its first principal direction." : "its second, at right angles to the first."
    func words(_ end: PrincipalDirection.End) -> String {
      let texts = end.texts.prefix(2).map { evidence.pool.texts[$0] }
      return texts.isEmpty ? "" : ": \(texts.joined(separator: "; "))"
    }
    let numbers = decimals(for: (images.high + images.low).map(\.projection))
    func strip(_ caption: String, _ items: [DirectionImages.Item]) -> Block {
      .imageStrip(
        ImageStrip(
          caption: caption,
          items: items.map { item in
            .init(
              image: evidence.probe.items[item.row].reference,
              values: [.init("at", item.projection, decimals: numbers)])
          }))
    }
    return [
      .markdown(share + name),
      strip("Most\(words(direction.high))", images.high),
      strip("Around the median of \(evidence.probe.items.count)", images.middle),
      strip("Least\(words(direction.low))", images.low),
    ]
  }
}
