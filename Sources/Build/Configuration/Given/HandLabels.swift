import Attribution
import CLIP
import Files

/// Labels given by hand: a YAML mapping of heads to titles of properties, `L5.H0: Setting`.
struct HandLabels {
  private(set) var labels: [Head: String] = [:]

  /// - Parameters:
  ///   - model: whose heads they are of.
  ///   - tower: its sizes.
  ///   - names: of the properties; nil where they are not known.
  init(
    _ file: String, model: String, _ tower: CLIPConfiguration.Tower, _ names: PropertyNames?, _ problems: ProblemList
  ) {
    guard let root = problems.attempt(file, nil, { try ConfigurationValue(yamlFile: file) }), let root else { return }
    guard case .mapping(let entries) = root.kind else {
      let expected = "a mapping such as L5.H0: Setting"
      problems.add(.wrongValue(key: "the file", found: root.words, expected: expected), file, root.line)
      return
    }
    let last = Head(layer: tower.layers - 1, head: tower.heads - 1)
    for entry in entries {
      guard let head = Head(entry.key), head.layer <= last.layer, head.head <= last.head else {
        problems.add(.noHead(name: entry.key, model: model, last: "\(last)"), file, entry.line)
        continue
      }
      guard case .text(let label) = entry.value.kind, !label.isEmpty else {
        problems.add(
          .wrongValue(key: entry.key, found: entry.value.words, expected: "the title of a property"), file, entry.line)
        continue
      }
      checkDeclared(label, "the label", names, file, entry.line, problems)
      if labels.updateValue(label, forKey: head) != nil {
        problems.add(.duplicate(kind: "head", id: entry.key), file, entry.line)
      }
    }
  }
}
