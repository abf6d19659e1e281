import Attribution

/// How often what is said of a head comes back where its probe images, or the candidate descriptions, are drawn anew.
///
/// Blocks of probe images are drawn with replacement, as many as there are, and so are candidate descriptions; the head is then described by
/// TextSpan and labelled in context from what was drawn. Draws depend on the head's place in its model alone.
public struct HeadStability: Sendable, Codable, Equatable {
  /// In how many bootstraps something came back.
  public struct Returns: Sendable, Codable, Equatable {
    public let count: Int
    /// The bootstraps in which it could.
    public let bootstraps: Int

    package init(count: Int, bootstraps: Int) { (self.count, self.bootstraps) = (count, bootstraps) }

    /// Nil where there is no bootstrap.
    public var share: Double? { bootstraps > 0 ? Double(count) / Double(bootstraps) : nil }
  }

  /// One of the head's first descriptions.
  public struct Description: Sendable, Codable, Equatable {
    /// Its place in the pool of candidate descriptions.
    public let index: Int
    /// How often it is among as many first descriptions over other images; of no bootstrap where there are too few images.
    public let images: Returns
    /// The same by other candidate descriptions, of the bootstraps that have it.
    public let pool: Returns

    package init(index: Int, images: Returns, pool: Returns) {
      (self.index, self.images, self.pool) = (index, images, pool)
    }

    /// Over other images and by other candidate descriptions.
    public var all: Returns {
      Returns(count: images.count + pool.count, bootstraps: images.bootstraps + pool.bootstraps)
    }
  }

  /// How many bootstraps have a label.
  public struct LabelCount: Sendable, Codable, Equatable {
    public let label: Label
    public let images: Int
    public let pool: Int

    package init(label: Label, images: Int, pool: Int) {
      (self.label, self.images, self.pool) = (label, images, pool)
    }

    /// Bootstraps of both kinds.
    public var all: Int { images + pool }
  }

  /// Blocks of probe images; with fewer than four none are drawn.
  public let blocks: Int
  /// Bootstraps of images: 100, or none.
  public let imageBootstraps: Int
  /// Bootstraps of the pool: 100.
  public let poolBootstraps: Int
  /// The first ten descriptions, in the order in which TextSpan chose them over all images.
  public let descriptions: [Description]
  /// The label in context by these; nil where the atlas has no labelled examples.
  public let label: Label?
  /// The labels of all bootstraps, `ambiguous` among them, most frequent first.
  public let labels: [LabelCount]
  /// The properties that most speaks for, whether or not it is enough for a label, most frequent first; bootstraps in which nothing speaks
  /// for any are left out.
  public let leading: [LabelCount]
  /// How many properties the labeller knows.
  public let properties: Int

  package init(
    blocks: Int, imageBootstraps: Int, poolBootstraps: Int, descriptions: [Description], label: Label?,
    labels: [LabelCount], leading: [LabelCount], properties: Int
  ) {
    self.blocks = blocks
    self.imageBootstraps = imageBootstraps
    self.poolBootstraps = poolBootstraps
    self.descriptions = descriptions
    self.label = label
    self.labels = labels
    self.leading = leading
    self.properties = properties
  }
}

extension HeadStability {
  /// What a set of labels holds at least, of all bootstraps.
  public static let coverage = 0.9
  /// A label that comes back in a smaller share of bootstraps is weak: others come more often than it, or none does.
  public static let weak = 0.5

  /// Bootstraps of both kinds.
  public var bootstraps: Int { imageBootstraps + poolBootstraps }

  /// How often the label comes back, of all bootstraps; nil where there are no labels.
  public var labelReturns: Returns? {
    label.map { label in
      returns(of: label) {
        $0.all
      } bootstraps: {
        bootstraps
      }
    }
  }

  /// How often it comes back over other images; of no bootstrap where there are too few.
  public var labelOverImages: Returns? {
    label.map { label in
      returns(of: label) {
        $0.images
      } bootstraps: {
        imageBootstraps
      }
    }
  }

  /// How often it comes back by other candidate descriptions.
  public var labelOverPool: Returns? {
    label.map { label in
      returns(of: label) {
        $0.pool
      } bootstraps: {
        poolBootstraps
      }
    }
  }

  private func returns(of label: Label, _ count: (LabelCount) -> Int, bootstraps: () -> Int) -> Returns {
    Returns(count: labels.first { $0.label == label }.map(count) ?? 0, bootstraps: bootstraps())
  }

  /// Whether the head has a label that comes back in less than half of the bootstraps.
  public var isWeak: Bool {
    guard let label, label != .ambiguous, let share = labelReturns?.share else { return false }
    return share < Self.weak
  }

  /// The fewest properties, most frequent first, that lead in at least 90 % of the bootstraps in which any does; empty where there is none.
  public var labelSet: [Label] {
    let all = leading.reduce(0) { $0 + $1.all }
    var (found, sum) = ([Label](), 0)
    for entry in leading where Double(sum) < Self.coverage * Double(all) {
      found.append(entry.label)
      sum += entry.all
    }
    return found
  }

  /// Whether the set is so large that it says little: two properties or more, and more than a third of those that the labeller knows, of
  /// which as many drawn at random would hold the head's own more than one time in three.
  public var isAmbiguous: Bool { labelSet.count > 1 && 3 * labelSet.count > properties }
}
