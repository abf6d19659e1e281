import Analysis
import Attribution
import Diagnostics

extension ProfilePages {
  /// What each labeller says of a head; nil where there is one at most.
  func labellerTable(_ head: HeadEvidence) -> Table? {
    let place = evidence.shape.index(of: head.head)
    let given = evidence.labellers.map { (labeller: $0, label: $0.labels[place]) }
    guard given.count > 1 else { return nil }
    return Table(
      caption: "Its label by every labeller. CCS is by the one judge of all, where the labeller gave a label.",
      columns: [
        .init("labeller"), .init("label"), .init("CCS", note: "of five descriptions, how many fit", isNumeric: true),
        .init("answers agree"), .init("told from others of the label"), .init("reason"),
      ],
      rows: given.map { labeller, label in
        [
          .text(labeller.title), .text(words(label)),
          label.state == .given && label.fits.count == 5
            ? .number(Double(label.fits.count { $0 }), decimals: 0) : .empty,
          label.agreement.map { .text("\($0.same) of \($0.answers)") } ?? .empty,
          label.contrasted.map { .text(evidence.title(of: $0)) } ?? .empty,
          label.reason.map { .text($0) } ?? .empty,
        ]
      })
  }

  private func words(_ label: GivenLabel) -> String {
    switch label.state {
    case .given: evidence.title(of: label.label)
    case .declined: "none"
    case .failed: "failed"
    case .missing: "not asked"
    }
  }
}
