/// What is true of one image: facts of its scene and of each of its objects, by name.
///
/// Which facts there are is up to who made the images: nothing here knows a name.
public struct SceneFacts: Sendable, Equatable {
  public let scene: [String: String]
  public let objects: [[String: String]]

  public init(scene: [String: String] = [:], objects: [[String: String]] = []) {
    self.scene = scene
    self.objects = objects
  }

  /// The scene's value of a fact, or else the values of the objects that have one, in their order; empty where the
  /// image has none.
  public func values(of fact: String) -> [String] {
    scene[fact].map { [$0] } ?? objects.compactMap { $0[fact] }
  }

  /// The names of all facts of some images, sorted.
  public static func names(in images: some Sequence<SceneFacts>) -> [String] {
    images.reduce(into: Set<String>()) { names, facts in
      names.formUnion(facts.scene.keys)
      for object in facts.objects { names.formUnion(object.keys) }
    }.sorted()
  }
}
