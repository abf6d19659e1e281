// swift-tools-version:6.2
import PackageDescription

let package = Package(
  name: "plugin",
  dependencies: [.package(name: "HeadAtlas", path: "<SOURCES>")],
  targets: [
    .executableTarget(
      name: "plugin",
      dependencies: [
        .product(name: "HeadAtlasAnalysis", package: "HeadAtlas"), .product(name: "HeadAtlasPlugin", package: "HeadAtlas"),
      ], path: "Sources")
  ])
