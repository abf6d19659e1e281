import Analysis
import Attribution
import Explanations
import Foundation
import Tensors
import TestSupport
import Testing

@Suite struct `The plugin of linear explanations` {
  /// A world of 80 probe images, whose heads but the last have a principal direction.
  private func world(_ probeCount: Int = 80) -> World {
    var world = World()
    world.probeCount = probeCount
    for head in World.shape.allHeads.dropLast() {
      let end = PrincipalDirection.End(texts: [0], weights: [1], fidelity: 1)
      world.directions[head] = [
        PrincipalDirection(share: 0.5, axis: [1, 0, 0, 0, 0, 0], high: end, low: end)
      ]
    }
    return world
  }

  private func results(_ world: World, _ options: [String: OptionValue] = [:]) throws -> AnalysisResults {
    try ExplanationsPlugin().results(
      for: [world.evidence()], options: ExplanationsPlugin.manifest.defaultOptions.merging(options) { $1 })
  }

  @Test func `heads with a direction have a section, and the model the means of what they say`() throws {
    let (results, evidence) = (try results(world()), world().evidence())
    let heads = World.shape.allHeads.dropLast().map { evidence.subject(of: $0) }
    #expect(results.sections.map(\.subject) == heads + [.model("tiny")])
    var said: [Double] = []
    for section in results.sections.dropLast() {
      let table = section.tables[0]
      #expect(table.rows.count == 5 && table.columns.count == 3)
      guard case .number(let last, _) = table.rows[4][2] else { continue }
      said.append(last)
      guard case .markdown(let sentence) = section.blocks[0] else { continue }
      let shown = String(format: "%.2f", last).replacingOccurrences(of: "-", with: "−")
      #expect(sentence.contains("with a correlation of \(shown), on 40 probe images"), "\(shown): \(sentence)")
      // Five of seven texts say what any other five do.
      #expect(sentence.contains("not beyond chance"))
    }
    let model = try #require(results.sections.last).tables[0]
    guard case .number(let mean, _) = model.rows[0][1] else { return }
    #expect(said.count == 3 && abs(mean - said.reduce(0, +) / 3) < 1e-9)
    #expect(model.caption.contains("40 images chose texts and weights, 40 others judged"))
    #expect(results.values["model/tiny/explanations"] != nil)
  }

  @Test func `a head that writes what images show of a text is explained by that text, with its sign`() throws {
    var world = world()
    world.textCount = 200
    let evidence = world.evidence()
    let shown = try evidence.probe.features.embeddings(block: 0)
    world.plantCoordinates = { head, tensor in
      guard head == Head(layer: 0, head: 1) else { return }
      for row in 0..<tensor.rows {
        let product = zip(shown.row(row), evidence.pool.embeddings.row(4)).reduce(0) { $0 + $1.0 * $1.1 }
        // So little that the embedding less it is nearly the embedding.
        for column in 0..<tensor.rowCount {
          tensor.values[row * tensor.rowCount + column] = column == 0 ? -1e-3 * product : 0
        }
      }
    }
    let section = try #require(
      try results(world, ["count": 1]).sections.about(evidence.subject(of: Head(layer: 0, head: 1))).first)
    guard case .text(let text) = section.tables[0].rows[0][0],
      case .number(let weight, _) = section.tables[0].rows[0][1],
      case .number(let correlation, _) = section.tables[0].rows[0][2]
    else { return }
    #expect(text == "line 4" && weight < -0.99 && correlation > 0.999)
    guard case .markdown(let sentence) = section.blocks[0] else { return }
    #expect(sentence.contains("That is beyond chance"))
  }

  @Test func `options say how many texts and images`() throws {
    let few = try results(world(), ["count": 2, "images": 40])
    #expect(few.sections[0].tables[0].rows.count == 2)
    guard case .markdown(let sentence) = few.sections[0].blocks[0] else { return }
    #expect(sentence.contains("on 20 probe images"))
  }

  @Test func `few images are explained by nothing`() throws {
    #expect(try results(world(39)).sections.isEmpty)
  }
}
