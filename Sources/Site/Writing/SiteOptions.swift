import Parallel

/// How the site is written, apart from what it says.
package struct SiteOptions: Sendable {
  /// The folder of templates, with `assets/` in it.
  package var templates: String
  /// A user's own folder; a file in it takes the place of ours of the same name.
  package var overrides: String?
  /// The command that rebuilds the page of a path; the atlas itself is `index`.
  package var rebuildCommand: @Sendable (String) -> String
  /// Whether the page of a path is written; the atlas itself is `index`. All are where this is nil. The other pages
  /// are taken to be there: links to them are made.
  package var isWanted: (@Sendable (String) -> Bool)?
  /// How many threads write.
  package var threads: Int

  package init(
    templates: String, overrides: String? = nil,
    rebuildCommand: @escaping @Sendable (String) -> String = { "headatlas build --only '\($0)'" },
    isWanted: (@Sendable (String) -> Bool)? = nil, threads: Int = processorCount
  ) {
    self.templates = templates
    self.overrides = overrides
    self.rebuildCommand = rebuildCommand
    self.isWanted = isWanted
    self.threads = threads
  }
}

/// What was written.
package struct SiteReport: Sendable, Equatable {
  package let pages: Int
  /// Of all files together.
  package let bytes: Int

  package init(pages: Int, bytes: Int) {
    self.pages = pages
    self.bytes = bytes
  }
}

extension Page {
  /// The path by which options and commands name the page.
  var name: String { address.path.isEmpty ? "index" : address.path }
}
