import Diagnostics
import Files
import Parallel

/// Writes the atlas as a static site.
///
/// Every page is a folder with `index.html`, the same content for programs in `index.json`, and the files of its figures.
/// The same content gives the same bytes, whatever the number of threads.
/// - Parameters:
///   - folder: made where it is missing; files of the same names are replaced, others stay.
///   - progress: called with a sentence after each part of the work, from one thread.
/// - Throws: `SiteError`, `FileError`, and `ImageError` for images that cannot be read.
package func writeSite(
  _ content: SiteContent, options: SiteOptions, to folder: String, progress: (String) -> Void
) throws -> SiteReport {
  let site = SiteFolder(root: folder, former: options.former)
  let writer = try PageWriter(content, options: options)
  progress("\(counted(writer.wanted.count, "page")), \(counted(content.gallery.count, "gallery image"))")
  let (images, imageBytes) = try SiteImages.write(content, to: site, threads: options.threads)
  progress("wrote the images")
  let sizes = try inParallel(writer.wanted.count, threads: options.threads) { place in
    try writer.write(writer.wanted[place], images: images, to: site)
  }
  progress("wrote the pages")
  var bytes = imageBytes + sizes.reduce(0, +)
  for (name, path) in try assets(options) { bytes += try site.write(try readFile(path), to: Address("assets/\(name)")) }
  for file in writer.files { bytes += try site.write(file.text, to: file.address) }
  bytes += try site.write(try writer.document(), to: AtlasFile.document)
  if writer.wanted.contains(where: { $0.kind == .search }) {
    bytes += try site.write(writer.searchScript(images), to: Address.search.file("data.js"))
  }
  if writer.wanted.contains(where: { $0.kind == .compare }) {
    bytes += try site.write(writer.compareScript(images), to: Address.compare.file("data.js"))
  }
  try writer.checkLinks(in: site)
  return SiteReport(pages: writer.wanted.count, bytes: bytes)
}
