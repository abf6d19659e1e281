// swift-tools-version:6.2
import PackageDescription

/// A plugin that lives outside HeadAtlas and uses its product alone.
let package = Package(
  name: "OutsidePlugin",
  dependencies: [.package(name: "HeadAtlas", path: "../..")],
  targets: [
    .executableTarget(
      name: "OutsidePlugin", dependencies: [.product(name: "HeadAtlasAnalysis", package: "HeadAtlas")],
      swiftSettings: [.enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility")])
  ])
