import Attribution

/// A part of one subject's page, as an analysis returns it.
public struct Section: Sendable, Encodable {
  public let subject: Subject
  /// The identifier of the plugin (or core analysis) that made it.
  public let plugin: String
  /// The model that the numbers come from; pages shared by models group their sections by it.
  public let model: String?
  public let title: String
  /// Sections of a page stand in ascending order, then by plugin and title.
  ///
  /// On pages of images, texts, contrasts and properties a model's section of order 100 or above stands on the page of its model
  /// beneath, in atlases of several models; that of a property also in those of one.
  public let order: Int
  public let blocks: [Block]

  public init(subject: Subject, plugin: String, model: String?, title: String, order: Int = 100, blocks: [Block]) {
    self.subject = subject
    self.plugin = plugin
    self.model = model
    self.title = title
    self.order = order
    self.blocks = blocks
  }
}

/// A part of a section.
///
/// Only the site turns blocks into HTML; strings in them are plain text and always escaped.
///
/// A build fails on a block that contradicts itself, such as a table with rows of different lengths, and names the plugin,
/// the subject and the block.
public enum Block: Sendable, Encodable {
  case markdown(String)
  case table(Table)
  case imageStrip(ImageStrip)
  case heatMaps(HeatMaps)
  case bars(Bars)
  case series(Series)
  case scatter(Scatter)
  case headGrid(HeadGrid)
  case download(Download)

  private enum Kind: String, CodingKey {
    case markdown, table, imageStrip, heatMaps, bars, series, scatter, headGrid, download
  }

  /// One key, which says what kind of block it is, with its content: `{"table": {"caption": …}}`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Kind.self)
    switch self {
    case .markdown(let value): try container.encode(value, forKey: .markdown)
    case .table(let value): try container.encode(value, forKey: .table)
    case .imageStrip(let value): try container.encode(value, forKey: .imageStrip)
    case .heatMaps(let value): try container.encode(value, forKey: .heatMaps)
    case .bars(let value): try container.encode(value, forKey: .bars)
    case .series(let value): try container.encode(value, forKey: .series)
    case .scatter(let value): try container.encode(value, forKey: .scatter)
    case .headGrid(let value): try container.encode(value, forKey: .headGrid)
    case .download(let value): try container.encode(value, forKey: .download)
    }
  }
}

/// An image of one of the atlas's image sets.
public struct ImageReference: Sendable, Hashable, Encodable, Comparable {
  public enum Origin: String, Sendable, Encodable, Comparable {
    case gallery, probe
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
  }
  public let set: Origin
  /// Unique within its set.
  public let id: String

  public init(set: Origin, id: String) {
    self.set = set
    self.id = id
  }

  public static func < (left: Self, right: Self) -> Bool { (left.set, left.id) < (right.set, right.id) }
}

public enum Cell: Sendable, Encodable {
  case text(String)
  /// A number shown with a fixed number of decimals.
  case number(Double, decimals: Int)
  /// Text that leads to a subject's page, where that page exists.
  case link(String, Subject)
  case image(ImageReference)
  case empty

  private enum Key: String, CodingKey {
    case text, subject, number, decimals
  }

  /// What an encoder is told that writes numbers with their decimals, `{"number": …, "decimals": …}`.
  package static let withDecimals: [CodingUserInfoKey: any Sendable] =
    CodingUserInfoKey(rawValue: "decimals").map { [$0: true] } ?? [:]

  /// A text, a number, `{"text": …, "subject": …}` for a link, an image, or null.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .link(let text, let subject):
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(text, forKey: .text)
      try container.encode(subject, forKey: .subject)
    case .text(let text):
      var container = encoder.singleValueContainer()
      try container.encode(text)
    case .number(let number, let decimals) where !encoder.userInfo.isEmpty:
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(number, forKey: .number)
      try container.encode(decimals, forKey: .decimals)
    case .number(let number, _):
      var container = encoder.singleValueContainer()
      try container.encode(number)
    case .image(let image):
      try image.encode(to: encoder)
    case .empty:
      var container = encoder.singleValueContainer()
      try container.encodeNil()
    }
  }
}

public struct Table: Sendable, Encodable {
  public struct Column: Sendable, Encodable {
    public let title: String
    /// What the column means, with its unit and which way it reads.
    public let note: String?
    public let isNumeric: Bool

    public init(_ title: String, note: String? = nil, isNumeric: Bool = false) {
      self.title = title
      self.note = note
      self.isNumeric = isNumeric
    }
  }
  public let caption: String
  public let columns: [Column]
  /// Every row has one cell per column.
  public let rows: [[Cell]]

  public init(caption: String, columns: [Column], rows: [[Cell]]) {
    self.caption = caption
    self.columns = columns
    self.rows = rows
  }
}

/// Images in a row, best first, each with its numbers.
public struct ImageStrip: Sendable, Encodable {
  public struct Item: Sendable, Encodable {
    public let image: ImageReference
    /// Named numbers under the image, for example ("dot", 0.031), ("cosine", 0.82).
    public let values: [NamedValue]
    /// A word over the image, for example "query".
    public let badge: String?

    public init(image: ImageReference, values: [NamedValue] = [], badge: String? = nil) {
      self.image = image
      self.values = values
      self.badge = badge
    }
  }
  public let caption: String
  public let items: [Item]

  public init(caption: String, items: [Item]) {
    self.caption = caption
    self.items = items
  }
}

public struct NamedValue: Sendable, Encodable {
  public let name: String
  public let value: Double
  public let decimals: Int

  public init(_ name: String, _ value: Double, decimals: Int = 3) {
    self.name = name
    self.value = value
    self.decimals = decimals
  }
}

/// Maps over the patches of one or more images, all on one scale unless it says otherwise.
///
/// Colours end at the 99th percentile of a map's |values|, register patches left out, and what lies beyond is ringed: so that one
/// outlier does not make all else pale. Of maps on one scale the largest of their percentiles holds for all.
public struct HeatMaps: Sendable, Encodable {
  public struct Map: Sendable, Encodable {
    public let title: String
    public let image: ImageReference
    /// Row by row from the top left, `gridSide²` numbers.
    public let values: [Float]
    /// Where a click leads.
    public let link: Subject?
    /// Patches that are large in most images whatever they show, by their place in `values`.
    ///
    /// They are hatched, and colours are scaled without them. `ModelEvidence.registerPatches` finds them.
    public let registers: [Int]

    public init(title: String, image: ImageReference, values: [Float], link: Subject? = nil, registers: [Int] = []) {
      self.title = title
      self.image = image
      self.values = values
      self.link = link
      self.registers = registers
    }

    private enum Key: String, CodingKey { case title, image, values, link, registers }

    /// All that there is of it: no key for a link or register patches where there are none.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(title, forKey: .title)
      try container.encode(image, forKey: .image)
      try container.encode(values, forKey: .values)
      try container.encodeIfPresent(link, forKey: .link)
      if !registers.isEmpty { try container.encode(registers, forKey: .registers) }
    }
  }
  public let caption: String
  public let gridSide: Int
  /// What the numbers are, for example "share of the dot product".
  public let unit: String
  /// Centred at zero with equal ends, for numbers of both signs; else from zero, or from the lowest number below it, to the highest.
  public let isDiverging: Bool
  public let sharesScale: Bool
  public let maps: [Map]

  public init(caption: String, gridSide: Int, unit: String, isDiverging: Bool, sharesScale: Bool = true, maps: [Map]) {
    self.caption = caption
    self.gridSide = gridSide
    self.unit = unit
    self.isDiverging = isDiverging
    self.sharesScale = sharesScale
    self.maps = maps
  }
}

/// Horizontal bars, one a row.
public struct Bars: Sendable, Encodable {
  public struct Item: Sendable, Encodable {
    public let label: String
    public let value: Double
    public let link: Subject?
    /// A remark after the number, for example "fits".
    public let note: String?
    /// What chance reaches, drawn in grey behind the bar; nil where that is not known.
    public let chance: Double?

    public init(label: String, value: Double, link: Subject? = nil, note: String? = nil, chance: Double? = nil) {
      self.label = label
      self.value = value
      self.link = link
      self.note = note
      self.chance = chance
    }
  }
  public let caption: String
  public let unit: String
  public let decimals: Int
  public let items: [Item]

  public init(caption: String, unit: String, decimals: Int = 3, items: [Item]) {
    self.caption = caption
    self.unit = unit
    self.decimals = decimals
    self.items = items
  }
}

/// Lines over a shared horizontal axis.
public struct Series: Sendable, Encodable {
  public struct Line: Sendable, Encodable {
    public let name: String
    public let values: [Double]
    /// Whether it is what the others must be told from, drawn in grey.
    public let isControl: Bool

    public init(name: String, values: [Double], isControl: Bool = false) {
      self.name = name
      self.values = values
      self.isControl = isControl
    }

    private enum Key: String, CodingKey { case name, values, isControl }

    /// Its name and values, and that it is a control where it is one.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(name, forKey: .name)
      try container.encode(values, forKey: .values)
      if isControl { try container.encode(true, forKey: .isControl) }
    }
  }
  public let caption: String
  public let horizontal: String
  public let vertical: String
  /// The labels along the horizontal axis, one per value.
  public let ticks: [String]
  public let lines: [Line]

  public init(caption: String, horizontal: String, vertical: String, ticks: [String], lines: [Line]) {
    self.caption = caption
    self.horizontal = horizontal
    self.vertical = vertical
    self.ticks = ticks
    self.lines = lines
  }
}

public struct Scatter: Sendable, Encodable {
  public struct Point: Sendable, Encodable {
    public let label: String
    public let x: Double
    public let y: Double
    public let link: Subject?

    public init(label: String, x: Double, y: Double, link: Subject? = nil) {
      self.label = label
      self.x = x
      self.y = y
      self.link = link
    }
  }
  public let caption: String
  public let horizontal: String
  public let vertical: String
  public let points: [Point]

  public init(caption: String, horizontal: String, vertical: String, points: [Point]) {
    self.caption = caption
    self.horizontal = horizontal
    self.vertical = vertical
    self.points = points
  }
}

/// An L×H grid of a model's heads coloured by a measure, each cell a link to its head.
public struct HeadGrid: Sendable, Encodable {
  public let caption: String
  public let model: String
  public let layers: Int
  public let heads: Int
  /// The measure, with its unit.
  public let measure: String
  public let isDiverging: Bool
  /// Layer by layer, `layers·heads` numbers; nil where there is none.
  public let values: [Double?]
  /// A short word per head, shown on hover and in the table twin: its label.
  public let labels: [String]

  public init(
    caption: String, model: String, layers: Int, heads: Int, measure: String, isDiverging: Bool, values: [Double?],
    labels: [String]
  ) {
    self.caption = caption
    self.model = model
    self.layers = layers
    self.heads = heads
    self.measure = measure
    self.isDiverging = isDiverging
    self.values = values
    self.labels = labels
  }
}

/// A file offered with the page.
public struct Download: Sendable, Encodable {
  public let title: String
  public let fileName: String
  public let content: String

  public init(title: String, fileName: String, content: String) {
    self.title = title
    self.fileName = fileName
    self.content = content
  }
}
