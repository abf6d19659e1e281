import Files

/// An image of a set before it has an identifier.
struct ListedImage {
  let place: FilePlace
  var caption = ""
  var details: ImageSet.Details?
  /// As in `ImageSet.Entry`.
  var row: Int32 = -1
}

/// The images of a set as they lie, in the set's own order, and what was left out.
struct ListedImages {
  let form: ImageSetForm
  /// Where paths that belong to the set start.
  let folder: String
  let images: [ListedImage]
  let rowsLeftOut: Int
  /// One line on what was left out; nil where nothing was.
  let remark: String?
  let leftOut: [String: ImageFolder.Reason]
}

extension ListedImages {
  /// - Parameters:
  ///   - paths: one folder or file, or several archives.
  ///   - name: as they were named.
  /// - Throws: `FileError`, `TarError`, `BuildError`, `InputProblems`.
  init(_ paths: [String], named name: String, _ options: ImageSetOptions) throws {
    guard let path = paths.first else { throw BuildError.noImages(folder: name, found: nil) }
    if paths.count > 1 {
      var names: [String: String] = [:]
      for path in paths {
        if let first = names.updateValue(path, forKey: nameAndExtension(fileName(path)).name) {
          throw BuildError.sameArchiveName(first: first, second: path)
        }
      }
      self.init(tars: try TarImages(paths, options.columns), areSeveral: true, of: Files.folder(of: path))
    } else if FileKind(of: path) == .folder {
      if let form = try ImageSetForm(metadataOf: path, options.columns) {
        try self.init(rowsOf: form, options, folder: path)
      } else {
        self.init(try ImageFolder(path))
      }
    } else {
      switch try ImageSetForm(ofFile: path, options.columns) {
      case .tars: self.init(tars: try TarImages(paths, options.columns), areSeveral: false, of: Files.folder(of: path))
      case let form: try self.init(rowsOf: form, options, folder: options.folder ?? Files.folder(of: path))
      }
    }
    if images.isEmpty { throw BuildError.noImages(folder: name, found: remark ?? "\(form.words) that names none") }
  }

  private init(_ found: ImageFolder) {
    var shared = SharedValues()
    images = found.names.map { name in
      var image = ListedImage(place: FilePlace(name, in: found.path))
      if found.hasClasses, let slash = name.utf8.firstIndex(of: UInt8(ascii: "/")) {
        image.details = shared.details(.init(scene: [ImageSet.classFact: String(name[..<slash])]))
      }
      return image
    }
    (form, folder, rowsLeftOut) = (found.hasClasses ? .classFolders : .folder, found.path, 0)
    (remark, leftOut) = (found.remark, found.leftOut.reasons)
  }

  private init(tars: TarImages, areSeveral: Bool, of folder: String) {
    (form, self.folder, images, rowsLeftOut) = (.tars(areSeveral: areSeveral), folder, tars.images, 0)
    (remark, leftOut) = (tars.remark, tars.leftOut.reasons)
  }

  private init(rowsOf form: ImageSetForm, _ options: ImageSetOptions, folder: String) throws {
    var rows = RowCollector(form, folder: folder, options.unreadable)
    switch form {
    case .table(let file, let separator): try rows.read(table: file, separator, options.columns)
    case .lines(let file): try rows.read(lines: file, options.columns)
    case .coco(let file): try rows.read(coco: file)
    case .folder, .classFolders, .tars: preconditionFailure("no rows in \(form.words)")
    }
    try rows.problems.check()
    (self.form, self.folder, images, rowsLeftOut) = (form, folder, rows.images, rows.leftOutCount)
    (remark, leftOut) = (rows.remark, [:])
  }
}
