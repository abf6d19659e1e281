import Ablation
import Analysis
import Attribution
import Tensors
import TestSupport
import Testing

@Suite struct `The ablation plugin` {
  private func sections(_ world: World) throws -> [Section] {
    try AblationPlugin().sections(for: world.evidence(), options: AblationPlugin.manifest.defaultOptions)
  }

  /// Images differ by what one head writes alone.
  private func world(_ head: Head) -> World {
    var world = World()
    world.plantCoordinates = { planted, tensor in
      guard planted != head else { return }
      for place in tensor.values.indices { tensor.values[place] = 0.5 }
    }
    return world
  }

  @Test func `the head that all images differ by is the only one without which anything changes`() throws {
    let planted = Head(layer: 1, head: 0)
    let found = try sections(world(planted))
    let grid = try #require(found.about(.model("tiny")).flatMap(\.grids).first)
    for (place, head) in World.shape.allHeads.enumerated() {
      let change = try #require(grid.values[place])
      #expect((change != 0) == (head == planted), "\(head): \(change)")
    }
    // The other layer's heads change nothing, whatever the order.
    let curve = try #require(found.about(.model("tiny")).flatMap(\.series).first)
    let (last, first) = (curve.lines[0].values, curve.lines[1].values)
    #expect(last.count == 3 && last[0] != last[1] && last[1] == last[2])
    #expect(first[0] == first[1] && first[2] == last[2])
    #expect(curve.lines.map(\.isControl) == [false, false, true, true])
    #expect(curve.lines[2].values.last == curve.lines[3].values.last)
  }

  @Test func `a head stands beside random heads, and its page says that effects are direct`() throws {
    let head = Head(layer: 1, head: 0)
    let section = try #require(try sections(world(head)).about(.head(model: "tiny", head: head)).first)
    let table = try #require(section.tables.first)
    #expect(
      "\(table.rows.map { $0[0] })"
        == "\([Cell.text("this head"), .text("random heads, mean"), .text("random heads, lowest"), .text("random heads, highest")])"
    )
    #expect(table.caption.contains("L0.H0, L0.H1, L1.H1"))
    guard case .markdown(let sentence) = section.blocks[0] else { return }
    #expect(sentence.contains("direct effect"))
    // The others change nothing, so that the head is told from all of them.
    let row = table.rows.map { "\($0[1])" }
    #expect(row[0] != row[1] && Set(row.dropFirst()).count == 1)
    #expect(sentence.contains("than without any of the random heads"), "\(sentence)")
  }
}
