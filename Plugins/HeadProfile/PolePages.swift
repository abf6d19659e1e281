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
    return zip(head.directions, found).enumerated().compactMap { place, pair in
      let shown = blocks(place, pair.0, pair.1)
      guard !shown.isEmpty else { return nil }
      return section(
        evidence.subject(of: head.head), place == 0 ? "What it tells apart" : "What it tells apart next",
        order: place == 0 ? 3 : 11, shown)
    }
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
