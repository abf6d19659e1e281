import Analysis
import Diagnostics

/// The sections of every page in their order.
/// - Throws: `SiteError` for a section of an unknown page, model or image, and for a block that contradicts itself.
func arrange(_ content: SiteContent, pages: PageIndex) throws -> [Address: [Section]] {
  let models = Set(content.models.map(\.id))
  let images = Set((content.gallery + content.probe).map(\.reference))
  for section in content.sections {
    let path = section.subject.path
    guard pages.contains(section.subject) else {
      throw SiteError.sectionWithoutPage(
        path: path, plugin: section.plugin, title: section.title,
        nearest: nearestName(to: path, in: pages.pages.map(\.address.path)))
    }
    if let model = section.model, !models.contains(model) {
      throw SiteError.unknownModel(
        path: path, plugin: section.plugin, model: model, nearest: nearestName(to: model, in: models.sorted()))
    }
    for block in section.blocks {
      if let problem = block.problem {
        throw SiteError.block(plugin: section.plugin, subject: path, title: section.title, problem: problem)
      }
    }
    if let missing = imagesShown(in: [section]).filter({ !images.contains($0) }).min() {
      let known = images.filter { $0.set == missing.set }.map(\.id).sorted()
      throw SiteError.unknownImage(
        path: path, plugin: section.plugin, image: "\(missing.set.rawValue)/\(missing.id)",
        nearest: nearestName(to: missing.id, in: known))
    }
  }
  return Dictionary(grouping: content.sections, by: pages.address).mapValues { sections in
    // A stable sort: sections that compare equal stay in the order in which they were given.
    sections.enumerated().sorted { left, right in
      (left.element.order, left.element.plugin, left.element.title, left.offset)
        < (right.element.order, right.element.plugin, right.element.title, right.offset)
    }.map(\.element)
  }
}
