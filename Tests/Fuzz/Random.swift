/// A reproducible source of random numbers: SplitMix64.
struct Random: RandomNumberGenerator {
  private var state: UInt64

  /// - Parameter parts: what the numbers depend on.
  init(_ parts: [UInt64]) {
    state = 0
    for part in parts { state = next() ^ part }
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }

  /// A number below `count`, which is above 0.
  mutating func index(_ count: Int) -> Int { Int.random(in: 0..<count, using: &self) }

  /// True once in `count` times.
  mutating func once(in count: Int) -> Bool { index(count) == 0 }
}
