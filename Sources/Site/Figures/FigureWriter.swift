import Analysis
import Files
import Foundation

/// A file written beside a page.
struct SideFile: Sendable {
  let name: String
  let content: String
}

/// The links to the files of one figure.
struct FileLinks {
  private let csv: Markup
  private let svg: Markup?

  init(csv: Markup, svg: Markup?) { (self.csv, self.svg) = (csv, svg) }

  /// To the numbers.
  var numbers: Markup { "<p class=\"files\">\(csv)</p>" }
  /// To the figure; nil where it is no drawing.
  var figure: Markup? { svg.map { "<p class=\"files\">\($0)</p>" } }
  /// To both.
  var markup: Markup { "<p class=\"files\">\(csv)\(svg.map { " \($0)" as Markup })</p>" }
}

/// Turns the blocks of one page into HTML, and collects the files that are written beside it.
///
/// Every figure has its numbers as a table, collapsed unless the figure is a table itself, and as a CSV file; what is drawn is also an
/// SVG file.
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
  private var names: FigureNames
  private let sheets: FigureSheets
  /// Whether every drawing is also a file of its own.
  let hasFigureFiles: Bool
  /// What the names of files are made of: the section's title, the model on a page that several share, and how many figures the
  /// section has.
  private var section: (title: String, model: String?, figures: Int) = ("", nil, 0)
  /// Whether the section is of those that a page begins with.
  private(set) var isOpening = false
  /// Whether a grid with linked cells stands on the page already.
  private var hasLargeGrid = false
  private static let cellsOfLinks = 100

  /// - Parameters:
  ///   - taken: names of files beside the page that are no figure's.
  init(
    page: Address, pages: PageIndex, images: SiteImages, content: SiteContent, sheets: FigureSheets, taken: Set<String>
  ) {
    names = FigureNames(taken: taken)
    self.sheets = sheets
    models = content.models
    properties = content.properties
    squashing = content.squashing
    hasFigureFiles = content.hasFigureFiles
    self.page = page
    self.pages = pages
    self.images = images
  }

  /// The blocks of a section: the words that it begins with, and all that follows them.
  /// - Parameter level: of the headings in Markdown.
  mutating func markup(of section: Section, level: Int) throws -> (words: Markup, figures: Markup) {
    let isShared = isShared(section)
    self.section = (
      section.title, isShared ? section.model : nil,
      section.blocks.count { block in
        switch block {
        case .markdown, .download: false
        case .table, .imageStrip, .heatMaps, .bars, .series, .scatter, .headGrid: true
        }
      }
    )
    isOpening = section.isOpening
    isSquashed = section.model.map(squashing.contains) ?? false
    var (words, figures): (Markup, Markup) = ("", "")
    var grids: [HeadGrid] = []
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

  /// Whether the section is one model's on a page that several share.
  func isShared(_ section: Section) -> Bool {
    models.count > 1
      && section.model.map { section.subject.model == nil && page != section.subject.part(of: $0) } ?? false
  }

  /// Grids that follow one another: up to two begin with a large one.
  ///
  /// More stand beside each other, and so do those on a page that several models share. A large grid of many heads is a third of what
  /// a page may weigh: the model's page has one.
  private mutating func markup(of grids: [HeadGrid], isShared: Bool) -> Markup {
    guard let first = grids.first else { return "" }
    let isMany = first.values.count > Self.cellsOfLinks
    if isShared || grids.count > 2 || isMany && (hasLargeGrid || page != Subject.model(first.model).address) {
      return smallGrids(grids)
    }
    hasLargeGrid = true
    let large = gridFigure(first)
    return grids.count == 1 ? large : "\(large)\n\(smallGrids(Array(grids.dropFirst())))"
  }

  private mutating func markup(of block: Block, level: Int) throws -> Markup {
    switch block {
    case .markdown(let text): prose(text, level: level)
    case .table(let table): tableFigure(table)
    case .imageStrip(let strip): try stripFigure(strip)
    case .heatMaps(let maps): try mapFigure(maps)
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
    guard isFileName(download.fileName), !isTaken, !names.isUsed(download.fileName),
      !pages.hasFolder(page.file(download.fileName))
    else {
      throw SiteError.fileName(page: page.path, name: download.fileName)
    }
    names.take(download.fileName)
    files.append(SideFile(name: download.fileName, content: download.content))
    return "<p class=\"files\">\(fileLink(download.fileName, title: download.title))</p>"
  }

  private func fileLink(_ name: String, title: String) -> Markup {
    "<a href=\"\(page.link(to: page.file(name)))\" download>\(title)</a>"
  }

  /// Adds the numbers of a figure to the files beside the page, and the figure itself where it is drawn.
  ///
  /// - Parameters:
  ///   - words: what it shows, for the names of the files where its section has several figures.
  mutating func fileLinks(_ words: String, _ rows: CommaSeparated, _ sheet: FigureSheet? = nil) -> FileLinks {
    let name = names.name(
      section.figures == 1 ? nil : words, section: section.title, prefix: section.model)
    files.append(SideFile(name: "\(name).csv", content: rows.text))
    let csv = fileLink("\(name).csv", title: "CSV")
    guard hasFigureFiles, let sheet else { return FileLinks(csv: csv, svg: nil) }
    files.append(SideFile(name: "\(name).svg", content: sheets.svg(sheet, of: page)))
    // Without `download`, so that it is seen before it is kept.
    return FileLinks(csv: csv, svg: "<a href=\"\(page.link(to: page.file("\(name).svg")))\">Take this figure</a>")
  }

  /// The collapsed table of a figure's numbers.
  func twin(_ table: Table, _ files: FileLinks) -> Markup {
    """
    <details class="twin"><summary>Numbers</summary><div class="scroll" tabindex="0" role="group" \
    aria-label="Numbers">\(tableBody(table, isTwin: true))</div>\(files.numbers)</details>\(files.figure)
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
  /// The links to numbers that are not from a plugin, and to their figure where it is drawn: `name` is the name of the files.
  mutating func fileLinks(_ table: Table, of name: String, _ sheet: FigureSheet? = nil) -> FileLinks {
    section = (name, nil, 1)
    return fileLinks(name, CommaSeparated(table), sheet)
  }

  /// A table that is not from a plugin: `name` is the name of its CSV file.
  mutating func tableFigure(_ table: Table, of name: String) -> Markup {
    section = (name, nil, 1)
    return tableFigure(table)
  }

  /// The image of a file inside a figure's file, which needs no other then; nil where there is none.
  ///
  /// - Parameters:
  ///   - side: of the square that it stands in.
  ///   - isCovering: whether it fills the square, or else stands whole in its corner.
  /// - Throws: `FileError`.
  func embedded(_ file: SizedFile?, side: Double, id: String? = nil, isCovering: Bool = false) throws -> Markup? {
    guard let file, hasFigureFiles else { return nil }
    let (name, fit): (Markup?, Markup) = (
      id.map { " id=\"\($0)\"" }, isCovering ? "xMidYMid slice" : "xMinYMax meet"
    )
    return """
      <image\(name) width="\(coordinate(side))" height="\(coordinate(side))" preserveAspectRatio="\(fit)" \
      href="data:image/jpeg;base64,\(Data(try images.bytes(of: file)).base64EncodedString())"/>
      """
  }
}
