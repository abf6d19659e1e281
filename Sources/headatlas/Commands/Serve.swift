import ArgumentParser
import Build
import Diagnostics
import Dispatch
import Files
import Server

struct Serve: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Serves a finished site on this machine alone.",
    discussion: """
      An atlas needs no server: it also opens by double-click. With --watch the site is built first, and again whenever \
      something that it is made of has changed; open pages load anew. Stop with Control-C; the exit status is 0 then.
      """)

  @Argument(help: "The site's folder.") var site = "site"
  @Option(help: "The port on 127.0.0.1.") var port = 8000
  @Flag(help: "Build the site, and again after every change.") var watch = false
  @Option(help: "With --watch: the atlas's description.  (default: content/atlas.yml)") var config: String?
  @OptionGroup var compute: ComputeArguments
  @OptionGroup var pluginArguments: PluginArguments

  func validate() throws {
    guard (1...65_535).contains(port) else { throw ValidationError("--port \(port), expected 1 to 65535") }
    guard watch || config == nil else {
      throw ValidationError("--config is what --watch builds, expected both or none")
    }
  }

  func run() throws {
    if !watch, FileKind(of: site + "/index.html") != .file {
      throw FileError.unreadable(path: site + "/index.html", reason: "no such file; build the site first")
    }
    let reloading = watch ? Reloading() : nil
    let server = try LocalServer(port: port) { port in
      SiteServer(site, port: port, reloading: reloading).answer
    }
    sayLine("http://127.0.0.1:\(server.port)/ serves \(site); stop with Control-C")
    let watching = reloading.map { reloading in
      SiteWatch(
        configuration: config ?? "content/atlas.yml", site: site,
        arguments: compute.arguments + pluginArguments.arguments
      ).start { reloading.siteHasChanged() }
    }
    try server.run { !Interruption.shared.isRequested }
    // A build is asked to stop, and has stopped when this returns.
    watching?.wait()
  }
}
