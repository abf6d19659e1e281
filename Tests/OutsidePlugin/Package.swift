// swift-tools-version:6.2
import PackageDescription

/// A plugin that lives outside HeadAtlas and uses its products alone; with `answer` it is a program of its own.
let package = Package(
  name: "OutsidePlugin",
  dependencies: [.package(name: "HeadAtlas", path: "../..")],
  targets: [
    .executableTarget(
      name: "OutsidePlugin",
      dependencies: [
        .product(name: "HeadAtlasAnalysis", package: "HeadAtlas"),
        .product(name: "HeadAtlasPlugin", package: "HeadAtlas"),
      ],
      swiftSettings: [.enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility")])
  ])
