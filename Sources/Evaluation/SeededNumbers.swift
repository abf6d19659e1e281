/// Random numbers that are the same in every run: splitmix64.
public struct SeededNumbers: RandomNumberGenerator, Sendable {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number with mean 0 and standard deviation 1, nearly Gaussian: the sum of four uniform numbers.
  public mutating func nextGaussian() -> Double {
    (0..<4).reduce(0.0) { sum, _ in sum + Double.random(in: -1...1, using: &self) } * 0.75.squareRoot()
  }
}
