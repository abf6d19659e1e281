// swift-tools-version:6.2
import PackageDescription

/// Mean ablation as a program of its own, with the products of HeadAtlas alone.
let package = Package(
  name: "mean-ablation",
  dependencies: [.package(name: "HeadAtlas", path: "../..")],
  targets: [
    .executableTarget(
      name: "mean-ablation",
      dependencies: [
        .product(name: "HeadAtlasAnalysis", package: "HeadAtlas"), .product(name: "HeadAtlasPlugin", package: "HeadAtlas"),
      ], path: "Sources", swiftSettings: [.enableUpcomingFeature("MemberImportVisibility")])
  ])
