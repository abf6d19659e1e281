/// What is kept of the features of a probe set once they are computed.
package enum KeptFeatures: String, Sendable, CaseIterable, Codable {
  case fp32, fp16
  /// None: moments are of all images, and single images are looked up in a sample.
  case momentsAlone = "none"

  /// That of the features that moments are taken of.
  var precision: FeaturePrecision { self == .fp16 ? .fp16 : .fp32 }
}
