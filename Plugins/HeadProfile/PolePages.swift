import Analysis
import Diagnostics

/// What the images at the ends of a head's first principal directions look like.
extension ProfilePages {
  private static let directionsShown = 2
  private static let imagesOfEnd = 6
  private static let imagesOfMiddle = 3

  func polesSection(_ head: HeadEvidence) throws -> Section? {
    let found = try evidence.images(
      along: head, directions: Self.directionsShown, ends: Self.imagesOfEnd, middle: Self.imagesOfMiddle)
    let shown = zip(head.directions, found).enumerated().flatMap { place, pair in
      blocks(place, pair.0, pair.1)
    }
    return shown.isEmpty
      ? nil : section(evidence.subject(of: head.head), "What it tells apart", order: 3, shown)
  }

  private func blocks(_ place: Int, _ direction: PrincipalDirection, _ images: DirectionImages) -> [Block] {
    let share = "\(fixed(direction.share * 100, decimals: 0)) % of what it writes varies along "
    let name = place == 0 ? "its first principal direction" : "its second, at right angles to the first"
    func words(_ end: PrincipalDirection.End) -> String {
      let texts = end.texts.prefix(2).map { evidence.pool.texts[$0] }
      return texts.isEmpty ? "" : " Nearest texts: \(texts.joined(separator: "; "))."
    }
    let numbers = decimals(for: (images.high + images.low).map(\.projection))
    func strip(_ caption: String, _ items: [DirectionImages.Item]) -> Block {
      .imageStrip(
        ImageStrip(
          caption: caption,
          items: items.map { item in
            .init(
              image: evidence.probe.items[item.row].reference,
              values: [.init("along it", item.projection, decimals: numbers)])
          }))
    }
    return [
      strip("\(share)\(name). The probe images that have most along it.\(words(direction.high))", images.high),
      strip("Around the median of all \(counted(evidence.probe.items.count, "probe image")).", images.middle),
      strip("The probe images that have least along it.\(words(direction.low))", images.low),
    ]
  }
}
