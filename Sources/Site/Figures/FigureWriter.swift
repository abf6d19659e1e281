import Analysis
import Files

/// A file written beside a page.
struct SideFile: Sendable {
  let name: String
  let content: String
}

/// Turns the blocks of one page into HTML, and collects the files that are written beside it.
///
/// Every figure has its numbers as a table, collapsed unless the figure is a table itself, and as a CSV file.
struct FigureWriter {
  let page: Address
  let pages: PageIndex
  let images: SiteImages
  let models: [SiteContent.Model]
  let properties: [SiteContent.PropertyEntry]
  private let squashing: Set<String>
  /// Whether the section's model sees whole images squashed to a square.
  private(set) var isSquashed = false
  private(set) var files: [SideFile] = []
  /// The number of CSV files whose names have a given start.
  private var counts: [String: Int] = [:]
  /// The start of the names of CSV files: the plugin, and the model if any.
  private var csvName = ""

  init(page: Address, pages: PageIndex, images: SiteImages, content: SiteContent) {
    models = content.models
    properties = content.properties
    squashing = content.squashing
    self.page = page
    self.pages = pages
    self.images = images
  }

  /// The blocks of a section: the words that it begins with, and all that follows them.
  /// - Parameter level: of the headings in Markdown.
  mutating func markup(of section: Section, level: Int) throws -> (words: Markup, figures: Markup) {
    csvName = ([section.plugin] + (section.model.map { [$0] } ?? [])).map { slug($0) }.joined(separator: "-")
    isSquashed = section.model.map(squashing.contains) ?? false
    var (words, figures): (Markup, Markup) = ("", "")
    var grids: [HeadGrid] = []
    let isShared = section.subject.model == nil && models.count > 1
    for block in section.blocks {
      if case .headGrid(let grid) = block {
        grids.append(grid)
        continue
      }
      figures += markup(of: grids, isShared: isShared)
      grids = []
      if case .markdown(let text) = block, figures.isEmpty {
        words += prose(text, level: level)
      } else {
        figures += "\(try markup(of: block, level: level))\n"
      }
    }
    figures += markup(of: grids, isShared: isShared)
    return (words, figures)
  }

  /// Grids that follow one another: up to two begin with a large one; more stand beside each other, and so do those on a page that
  /// several models share.
  private mutating func markup(of grids: [HeadGrid], isShared: Bool) -> Markup {
    guard let first = grids.first else { return "" }
    if isShared || grids.count > 2 { return smallGrids(grids) }
    let large = gridFigure(first)
    return grids.count == 1 ? large : "\(large)\n\(smallGrids(Array(grids.dropFirst())))"
  }

  private mutating func markup(of block: Block, level: Int) throws -> Markup {
    switch block {
    case .markdown(let text): prose(text, level: level)
    case .table(let table): tableFigure(table)
    case .imageStrip(let strip): stripFigure(strip)
    case .heatMaps(let maps): mapFigure(maps)
    case .bars(let bars): barFigure(bars)
    case .series(let series): seriesFigure(series)
    case .scatter(let scatter): scatterFigure(scatter)
    case .headGrid(let grid): gridFigure(grid)
    case .download(let download): try offer(download)
    }
  }

  private func prose(_ text: String, level: Int) -> Markup {
    "<div class=\"prose\">\n\(markdown(text, headingLevel: level, page: page))</div>"
  }

  private mutating func offer(_ download: Download) throws -> Markup {
    let isTaken = download.fileName.lowercased().hasPrefix("index.")
    guard isFileName(download.fileName), !isTaken, !isUsed(download.fileName) else {
      throw SiteError.fileName(page: page.path, name: download.fileName)
    }
    files.append(SideFile(name: download.fileName, content: download.content))
    return "<p class=\"files\">\(fileLink(download.fileName, title: download.title))</p>"
  }

  /// Whether a file beside the page has the name, whatever its case.
  private func isUsed(_ name: String) -> Bool { files.contains { $0.name.lowercased() == name.lowercased() } }

  private func fileLink(_ name: String, title: String) -> Markup {
    "<a href=\"\(page.link(to: page.file(name)))\" download>\(title)</a>"
  }

  /// Adds a CSV file to the files beside the page.
  /// - Returns: the link to it.
  mutating func csvLink(_ rows: CommaSeparated) -> Markup {
    let count = (counts[csvName] ?? 0) + 1
    counts[csvName] = count
    var name = "\(csvName)-\(count).csv"
    while isUsed(name) { name = "_" + name }
    files.append(SideFile(name: name, content: rows.text))
    return fileLink(name, title: "CSV")
  }

  /// The collapsed table of a figure's numbers.
  mutating func twin(_ table: Table) -> Markup {
    let link = csvLink(CommaSeparated(table))
    return """
      <details class="twin"><summary>Numbers</summary><div class="scroll" tabindex="0" role="group" \
      aria-label="Numbers">\(tableBody(table, isTwin: true))</div><p class="files">\(link)</p></details>
      """
  }

  /// Text that links to a subject's page where there is one.
  func linked(_ text: Markup, to subject: Subject?) -> Markup {
    guard let subject, let link = pages.link(from: page, to: subject) else { return text }
    return "<a href=\"\(link)\">\(text)</a>"
  }

  /// An `<img>` with its size, so that the page does not move when it loads, as it scrolls into view.
  func image(_ file: SizedFile, alternative: String, kind: Markup = "") -> Markup {
    imageElement(
      page.link(to: file.file), alternative: alternative, kind: kind, width: file.width, height: file.height)
  }

  /// The thumbnail of an image; it links to the image's page if there is one.
  func thumbnail(_ reference: ImageReference, kind: Markup = "") -> Markup {
    guard let shown = images[reference] else { return "\(reference.id)" }
    let thumbnail = image(shown.thumb, alternative: shown.alternative, kind: kind)
    return reference.set == .gallery ? linked(thumbnail, to: .image(reference.id)) : thumbnail
  }

  /// An image's caption, for tables.
  func caption(of reference: ImageReference) -> String { images[reference]?.alternative ?? reference.id }

  func captionCell(of reference: ImageReference) -> Cell {
    let caption = caption(of: reference)
    return reference.set == .gallery ? .link(caption, .image(reference.id)) : .text(caption)
  }
}

extension FigureWriter {
  /// The link to a CSV file of numbers that are not from a plugin: `name` starts its name.
  mutating func csvLink(_ table: Table, of name: String) -> Markup {
    let before = csvName
    csvName = name
    defer { csvName = before }
    return csvLink(CommaSeparated(table))
  }

  /// A table that is not from a plugin: `name` starts the name of its CSV file.
  mutating func tableFigure(_ table: Table, of name: String) -> Markup {
    let before = csvName
    csvName = name
    defer { csvName = before }
    return tableFigure(table)
  }
}
