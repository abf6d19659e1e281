// swift-tools-version:6.2
import Foundation
import PackageDescription

/// Every folder in `Plugins/` that holds Swift sources becomes a target named after it, so that adding a
/// built-in plugin is adding a folder and one line in `Sources/headatlas/BuiltInPlugins.swift`.
let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
func folders(in name: String) -> [String] {
  let folder = root.appendingPathComponent(name)
  let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
  return names.filter { child in
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent(child).path)) ?? []
    return files.contains { $0.hasSuffix(".swift") }
  }.sorted()
}
let plugins = folders(in: "Plugins")

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// The trait that computes the towers' matrix products by oneDNN in place of OpenBLAS; it also is what `#if` asks for.
let oneDNN: Set<String> = ["OneDNN"]

func module(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
  .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

let sources: [Target] = [
  .target(name: "COpenBLAS"),
  .systemLibrary(name: "CCommonMark", providers: [.apt(["libcmark-dev"])]),
  .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
  .target(
    name: "CImages",
    linkerSettings: ["jpeg", "png", "webp", "webpdemux"].map { .linkedLibrary($0) }),
  module("Diagnostics", []),
  .systemLibrary(name: "CCrypto", providers: [.apt(["libssl-dev"])]),
  module("Files", ["Diagnostics", "CCrypto", "CZlib"]),
  .systemLibrary(name: "CCurl", providers: [.apt(["libcurl4-openssl-dev"])]),
  module("HTTP", ["Diagnostics", "CCurl"]),
  .systemLibrary(name: "CMicroHTTPD", providers: [.apt(["libmicrohttpd-dev"])]),
  module("Server", ["Diagnostics", "Files", "CMicroHTTPD"]),
  module("Parallel", []),
  module("Tensors", []),
  .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])]),
  .target(name: "CVectors"),
  module("OneDNN", [.target(name: "COneDNN", condition: .when(traits: oneDNN))]),
  module(
    "LinearAlgebra",
    ["Tensors", "COpenBLAS", "CVectors", .target(name: "OneDNN", condition: .when(traits: oneDNN))]),
  module("Checkpoints", ["Diagnostics", "Files", "Tensors"]),
  module("Tokenizer", ["Files"]),
  module("Images", ["Files", "Tensors", "CImages"]),
  module("Attribution", ["Tensors"]),
  module(
    "CLIP",
    [
      "Attribution", "Checkpoints", "Diagnostics", "Files", "Images", "LinearAlgebra", "Parallel", "Tensors",
      "Tokenizer",
    ]),
  module("Hub", ["Checkpoints", "Diagnostics", "Files", "HTTP"]),
  module("Descriptions", ["LinearAlgebra", "Tensors"]),
  module("Labels", ["Attribution", "Tensors"]),
  module(
    "LanguageModels",
    ["Diagnostics", "Files", "HTTP", "Parallel", .product(name: "Mustache", package: "swift-mustache")]),
  module("Metrics", ["Files"]),
  module("Evaluation", ["Analysis", "Attribution", "Descriptions", "LinearAlgebra", "Parallel", "Tensors"]),
  module("Analysis", ["Attribution", "Diagnostics", "LinearAlgebra", "Parallel", "Tensors"]),
  module("PluginHost", ["Analysis", "Attribution", "Checkpoints", "Diagnostics", "Files", "Tensors"]),
  module(
    "Site",
    [
      "Analysis", "Attribution", "Diagnostics", "Files", "Images", "Parallel", "CCommonMark",
      .product(name: "Mustache", package: "swift-mustache"), .product(name: "Yams", package: "Yams"),
    ]),
  module(
    "Build",
    [
      "CLIP", "Hub", "Images", "Attribution", "Descriptions", "Labels", "Metrics", "Evaluation", "Analysis", "Site",
      "Checkpoints", "Diagnostics", "LanguageModels", "LinearAlgebra", "Parallel", "PluginHost", "Tensors", "Files",
      .product(name: "Yams", package: "Yams"),
    ]),
  .executableTarget(
    name: "headatlas",
    dependencies: [
      "Build", "Site", "Server", "Analysis", "Diagnostics", "Files",
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
    ] + plugins.map { .byName(name: $0) },
    swiftSettings: settings),
  // What Benchmarks/run and its neighbours measure with.
  .executableTarget(
    name: "headatlas-benchmark",
    dependencies: [
      "CLIP", "LinearAlgebra", "Parallel", "Descriptions", "Evaluation", "Analysis", "Attribution", "Checkpoints",
      "Build",
      "Files", "Tensors",
    ], path: "Benchmarks/Driver", swiftSettings: settings),
  // What scripts/fuzz reads mutated files with.
  .executableTarget(
    name: "headatlas-fuzz",
    dependencies: [
      "Analysis", "Build", "CLIP", "Checkpoints", "Files", "Images", "LanguageModels", "PluginHost", "Site",
      "Tokenizer",
      "CImages",
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
    ], path: "Tests/Fuzz", swiftSettings: settings),
]

let pluginTargets: [Target] = plugins.map { name in
  .target(
    name: name,
    dependencies: ["Analysis", "Attribution", "Diagnostics", "Evaluation", "LinearAlgebra", "Metrics", "Tensors"],
    path: "Plugins/\(name)",
    exclude: (try? FileManager.default.contentsOfDirectory(atPath: root.path + "/Plugins/\(name)"))?
      .filter { !$0.hasSuffix(".swift") }.sorted() ?? [],
    // A built-in plugin sees what any plugin sees: the public names.
    packageAccess: false, swiftSettings: settings)
}

/// Test targets: a folder `Tests/<Module>Tests` tests that module and may use everything the package has.
let inC = ["CImages", "COpenBLAS", "CVectors"]
let libraries = sources.filter { $0.type == .regular && !inC.contains($0.name) }.map(\.name) + plugins
let support: Target = .target(
  name: "TestSupport", dependencies: ["Tensors"], path: "Tests/Support", swiftSettings: settings)
let tests: [Target] = folders(in: "Tests").filter { $0.hasSuffix("Tests") }.map { name in
  .testTarget(
    name: name, dependencies: (libraries + ["TestSupport"]).map { .byName(name: $0) }, path: "Tests/\(name)",
    swiftSettings: settings)
}

let package = Package(
  name: "HeadAtlas",
  products: [
    .executable(name: "headatlas", targets: ["headatlas"]),
    // What a plugin is written with.
    .library(
      name: "HeadAtlasAnalysis",
      targets: ["Analysis", "Attribution", "Diagnostics", "Evaluation", "LinearAlgebra", "Metrics", "Tensors"]),
    // What makes a program of one.
    .library(name: "HeadAtlasPlugin", targets: ["PluginHost"]),
  ],
  traits: [
    .trait(name: "OneDNN", description: "Matrix products of the towers by oneDNN (libdnnl-dev), and bfloat16")
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
  ],
  targets: sources + pluginTargets + [support] + tests
)
