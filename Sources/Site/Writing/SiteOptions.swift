import Parallel

/// Options of writing a site, apart from its content.
package struct SiteOptions: Sendable {
  /// The folder of templates, with `assets/` in it.
  package var templates: String
  /// A user's own folder; its files replace the default templates of the same names.
  package var overrides: String?
  /// The site that the new one will replace; its files that stay the same are shared with it where the file system can.
  package var former: String?
  /// The command that rebuilds the page of a path; the path of the atlas itself is `index`.
  package var rebuildCommand: @Sendable (String) -> String
  /// Whether the page of a path is written; the path of the atlas itself is `index`.
  ///
  /// Nil writes all pages. Links to pages that are not written are made all the same.
  package var isWanted: (@Sendable (String) -> Bool)?
  /// The number of threads that write.
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

/// The result of writing a site.
package struct SiteReport: Sendable, Equatable {
  package let pages: Int
  /// The bytes of all files together.
  package let bytes: Int

  package init(pages: Int, bytes: Int) {
    self.pages = pages
    self.bytes = bytes
  }
}

extension Page {
  /// The path that options and commands use for the page.
  var name: String { address.path.isEmpty ? "index" : address.path }
}
