import Analysis
import Attribution
import Diagnostics
import Tensors

/// The sections of one model.
struct TowerPages: Sendable {
  let evidence: ModelEvidence
  let texts: HeadContributions
  /// The row of each text in `texts`.
  let places: [String: Int]
  /// How many pairs of heads a table has.
  let pairs: Int

  func section(_ meeting: Meeting) -> Section {
    let ledger = ledger(meeting.pairs)
    let control = meeting.controls.isEmpty ? nil : self.ledger(meeting.controls)
    let blocks: [Block] = [
      .markdown(sentence(meeting, ledger, control)), .table(layerTable(meeting, ledger, control)),
      .table(headTable(meeting, ledger, control)),
    ]
    return Section(
      subject: meeting.subject, plugin: TwoTowersPlugin.manifest.id, model: evidence.model,
      title: "Which image heads meet which text heads", order: 160, blocks: blocks)
  }

  private func row(of text: String) -> Int {
    guard let place = places[text] else { preconditionFailure("a text that was not decomposed") }
    return place
  }

  private func ledger(_ pairs: [Meeting.Pair]) -> TwoTowerLedger {
    TwoTowerLedger(
      meanOf: pairs.map { pair in
        TwoTowerLedger(
          image: pair.image.place, of: evidence.gallery.contributions, text: row(of: pair.text), of: texts)
      })
  }

  /// The mean of the cosines themselves.
  private func cosine(_ pairs: [Meeting.Pair]) -> Double {
    let images = evidence.gallery.contributions.embeddings
    let cosines = pairs.map { pair in
      zip(images.row(pair.image.place), texts.embeddings.row(row(of: pair.text)))
        .reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    }
    return cosines.reduce(0, +) / Double(pairs.count)
  }

  private func what(_ meeting: Meeting) -> String {
    switch meeting.kind {
    case .caption: "of the image and its caption"
    case .nearestImages:
      "of the text and \(meeting.pairs.count == 1 ? "the gallery image" : "the \(meeting.pairs.count) gallery images") nearest to it"
    }
  }

  private func other(_ meeting: Meeting) -> String {
    switch meeting.kind {
    case .caption: "another caption"
    case .nearestImages: meeting.controls.count == 1 ? "another image" : "other images"
    }
  }

  private func sentence(_ meeting: Meeting, _ ledger: TwoTowerLedger, _ control: TwoTowerLedger?) -> String {
    let mean = meeting.pairs.count > 1 ? "mean similarity" : "similarity"
    let chance = control.map { " With \(other(meeting)), drawn at random, it is \(fixed($0.sum, decimals: 4))." } ?? ""
    let parts = ledger.summed(rows: 2, columns: 2, image: Self.isHead, text: Self.isHead)
    return
      "The \(mean) \(what(meeting)) is \(fixed(cosine(meeting.pairs), decimals: 4)). Both embeddings are sums of pieces, and the "
      + "products of all pairs of pieces sum to \(fixed(ledger.sum, decimals: 4)): \(fixed(parts[1][1], decimals: 4)) of image heads with text "
      + "heads, \(fixed(parts[1][0], decimals: 4)) of image heads with the rest of the text tower, \(fixed(parts[0][1], decimals: 4)) of the rest of the image "
      + "tower with text heads, \(fixed(parts[0][0], decimals: 4)) of the rest with the rest.\(chance)"
  }

  private static func isHead(_ piece: EmbeddingPiece) -> Int { if case .head = piece { 1 } else { 0 } }

  /// The groups of a tower's pieces: the start, the heads of each layer, all MLPs.
  private static func group(_ piece: EmbeddingPiece, layers: Int) -> Int {
    switch piece {
    case .start: 0
    case .head(let head): 1 + head.layer
    case .mlp: layers + 1
    }
  }

  private func layerTable(_ meeting: Meeting, _ ledger: TwoTowerLedger, _ control: TwoTowerLedger?) -> Table {
    let (layers, textLayers) = (evidence.shape.layers, texts.shape.layers)
    func sums(_ ledger: TwoTowerLedger) -> [[Double]] {
      ledger.summed(
        rows: layers + 2, columns: textLayers + 2, image: { Self.group($0, layers: layers) },
        text: { Self.group($0, layers: textLayers) })
    }
    let (rows, others) = (sums(ledger), control.map(sums))
    let digits = decimals(for: rows.flatMap { $0 })
    func number(_ value: Double) -> Cell { .number(value, decimals: digits) }
    func name(_ row: Int) -> Cell {
      row == 0
        ? .text("start")
        : row == layers + 1 ? .text("MLPs") : .link("L\(row - 1)", .layer(model: evidence.model, layer: row - 1))
    }
    let columns =
      [Table.Column("image tower"), Table.Column("start", isNumeric: true)]
      + (0..<textLayers).map { Table.Column("L\($0)", isNumeric: true) }
      + [Table.Column("MLPs", isNumeric: true), Table.Column("sum", isNumeric: true)]
      + (control == nil ? [] : [Table.Column("sum", note: "with \(other(meeting))", isNumeric: true)])
    return Table(
      caption:
        "Pieces of the image tower by pieces of the text tower (columns): heads summed over each layer. The sum of all is the "
        + "similarity.", columns: columns,
      rows: rows.indices.map { row in
        [name(row)] + rows[row].map(number) + [number(rows[row].reduce(0, +))]
          + (others.map { [number($0[row].reduce(0, +))] } ?? [])
      })
  }

  private func headTable(_ meeting: Meeting, _ ledger: TwoTowerLedger, _ control: TwoTowerLedger?) -> Table {
    let found = ledger.largestHeadPairs(pairs)
    let digits = decimals(for: found.map { ledger[$0.image, $0.text] })
    let all = evidence.shape.headCount * texts.shape.headCount
    let rows = found.map { pair -> [Cell] in
      guard case .head(let head) = ledger.imagePieces[pair.image] else { return [] }
      return [
        .link("\(head)", evidence.subject(of: head)), .text(evidence.title(of: evidence[head].label)),
        .text("\(ledger.textPieces[pair.text])"), .number(ledger[pair.image, pair.text], decimals: digits),
      ] + (control.map { [.number($0[pair.image, pair.text], decimals: digits)] } ?? [])
    }
    return Table(
      caption: "The \(counted(rows.count, "pair")) of an image head and a text head with the largest terms, of \(all).",
      columns: [
        .init("image head"), .init("label"), .init("text head"),
        .init("term", note: "part of the similarity", isNumeric: true),
      ] + (control == nil ? [] : [.init("control", note: "the same with \(other(meeting))", isNumeric: true)]),
      rows: rows)
  }
}
