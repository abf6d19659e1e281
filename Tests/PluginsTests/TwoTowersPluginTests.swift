import Analysis
import Attribution
import Foundation
import TestSupport
import Testing
import TwoTowers

@Suite struct `The plugin of both towers` {
  private func sections(_ world: World = World()) throws -> [Section] {
    try TwoTowersPlugin().sections(for: world.evidence(), options: TwoTowersPlugin.manifest.defaultOptions)
  }

  private func numbers(_ row: [Cell]) -> [Double] {
    row.compactMap { if case .number(let number, _) = $0 { number } else { nil } }
  }

  @Test func `every image with a caption and every text has a table whose numbers sum to what the page says`() throws {
    let (sections, evidence) = (try sections(), World().evidence())
    #expect(sections.count == evidence.gallery.items.count + evidence.texts.items.count)
    for section in sections {
      let (layers, heads) = (section.tables[0], section.tables[1])
      #expect(layers.rows.count == 4 && layers.columns.count == 6)
      for row in layers.rows {
        let found = numbers(row)
        #expect(abs(found[0] + found[1] + found[2] - found[3]) < 1e-9 && found.count == 5)
      }
      guard case .markdown(let sentence) = section.blocks[0] else { continue }
      let sum = layers.rows.reduce(0) { $0 + numbers($1)[3] }
      let said = String(format: "sum to %.4f:", sum).replacingOccurrences(of: "-", with: "−")
      #expect(sentence.contains(said), "\(said) in \(sentence)")
      #expect(heads.rows.count == 8 && heads.caption.contains("8 pairs") && heads.caption.contains("of 8."))
    }
  }

  @Test func `the pairs with the largest terms come first and lead to the image's heads, beside the control`() throws {
    let evidence = World().evidence()
    let section = try #require(try sections().about(.image("gallery-0")).first)
    let rows = section.tables[1].rows
    let terms = rows.map { abs(numbers($0)[0]) }
    #expect(terms == terms.sorted(by: >) && rows.allSatisfy { numbers($0).count == 2 })
    for row in rows {
      guard case .link(let name, let subject) = row[0], let head = Head(name) else {
        Issue.record("no head: \(row)")
        continue
      }
      #expect(subject == evidence.subject(of: head))
    }
  }

  @Test func `a world of one caption and one image has no control`() throws {
    var world = World()
    (world.galleryCount, world.contrasts) = (1, [])
    for section in try sections(world) {
      #expect(section.tables[0].columns.count == 5 && section.tables[1].columns.count == 4)
    }
  }
}
