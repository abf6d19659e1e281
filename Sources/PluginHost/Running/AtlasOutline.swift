import Analysis
import Diagnostics
import Files

/// What an atlas has, so that sections from outside can be held against it.
package struct AtlasOutline: Sendable {
  package let models: [String]
  /// The paths of all pages; the atlas's own is empty.
  package let pages: Set<String>
  /// The folders that pages lie in, apart from pages themselves.
  private let folders: Set<String>
  private let gallery: Set<String>
  private let probe: Set<String>

  package init(models: [String], pages: some Collection<String>, gallery: [String], probe: [String]) {
    self.models = models
    self.pages = Set(pages)
    folders = pages.reduce(into: []) { folders, page in
      var parts = page.split(separator: "/").dropLast()
      while !parts.isEmpty, folders.insert(parts.joined(separator: "/")).inserted { parts.removeLast() }
    }
    (self.gallery, self.probe) = (Set(gallery), Set(probe))
  }

  /// Why a section cannot stand in the atlas, in words; nil where it can.
  package func problem(of section: Section) -> String? {
    let path = section.subject.path
    if !pages.contains(path) { return "a page that the atlas does not have" + suggestion(path, pages) }
    if let model = section.model, !models.contains(model) {
      return "of a model \(quoted(model)), which the atlas does not have" + suggestion(model, models)
    }
    if section.title.isEmpty { return "found no title, expected one" }
    if section.blocks.isEmpty { return "found no blocks, expected at least one; nothing to show is no section" }
    for (place, block) in section.blocks.enumerated() {
      if let problem = block.problem ?? problem(of: block) ?? collision(of: block, on: path) {
        return "blocks[\(place)]: \(problem)"
      }
    }
    return nil
  }

  /// A download cannot have the name of a folder beside its page.
  private func collision(of block: Block, on path: String) -> String? {
    guard case .download(let download) = block else { return nil }
    let place = ((path.isEmpty ? [] : [path]) + [download.fileName.lowercased()]).joined(separator: "/")
    return pages.contains(place) || folders.contains(place)
      ? "a download named \(quoted(download.fileName)), which is a folder of the site, expected another name" : nil
  }

  private func problem(of block: Block) -> String? {
    switch block {
    case .imageStrip(let strip): problem(of: strip.items.lazy.map(\.image))
    case .heatMaps(let maps): problem(of: maps.maps.lazy.map(\.image))
    case .table(let table):
      problem(of: table.rows.joined().compactMap { if case .image(let image) = $0 { image } else { nil } })
    case .headGrid(let grid):
      models.contains(grid.model)
        ? nil : "a head grid of \(quoted(grid.model)), which is no model of the atlas" + suggestion(grid.model, models)
    case .markdown, .bars, .series, .scatter, .download: nil
    }
  }

  private func problem(of images: some Sequence<ImageReference>) -> String? {
    for image in images {
      let known = image.set == .gallery ? gallery : probe
      if !known.contains(image.id) {
        let set = image.set == .gallery ? "gallery" : "probe set"
        return "image \(quoted(image.id)), which is not in the \(set)" + suggestion(image.id, known)
      }
    }
    return nil
  }

  /// - Parameter candidates: so many that comparing all would take long are not compared.
  private func suggestion(_ name: String, _ candidates: some Collection<String>) -> String {
    guard candidates.count < 20_000, let nearest = nearestName(to: name, in: candidates), !nearest.isEmpty else {
      return ""
    }
    return "; did you mean \(quoted(nearest))?"
  }
}
