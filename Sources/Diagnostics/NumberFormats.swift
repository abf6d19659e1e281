import Foundation

/// How many decimals show the largest of some numbers with three digits, 2 to 8.
public func decimals(for numbers: some Collection<Double>) -> Int {
  var largest = numbers.reduce(0) { max($0, abs($1)) }
  guard largest > 0, largest.isFinite else { return 3 }
  var decimals = 2
  while largest < 1, decimals < 8 {
    largest *= 10
    decimals += 1
  }
  return decimals
}

/// A number with a fixed number of decimals, for captions.
public func fixed(_ number: Double, decimals: Int) -> String {
  let scale = (0..<max(decimals, 0)).reduce(1.0) { scale, _ in scale * 10 }
  // Beyond 2^53 the digits after the point are not those of the number any more.
  guard number.isFinite, abs(number) * scale < 9e15 else { return "\(number)" }
  let rounded = (abs(number) * scale).rounded()
  let whole = (rounded / scale).rounded(.towardZero)
  let sign = number < 0 && rounded > 0 ? "−" : ""
  guard decimals > 0 else { return "\(sign)\(Int(whole))" }
  let fraction = String(Int(rounded - whole * scale))
  return "\(sign)\(Int(whole)).\(String(repeating: "0", count: decimals - fraction.count))\(fraction)"
}

/// A share as a whole number of percent: `12 %`.
public func percent(_ share: Double) -> String { "\(fixed(share * 100, decimals: 0)) %" }

/// A number with its noun: `1 head`, `3 heads`.
public func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

/// A number in scientific notation with two digits: `1.2e-7`.
public func scientific(_ number: Double) -> String {
  guard number != 0, number.isFinite else { return number == 0 ? "0" : "\(number)" }
  let parts = String(format: "%.1e", number).split(separator: "e")
  return "\(parts[0])e\(Int(parts[1]) ?? 0)"
}

/// Bytes as megabytes of 10⁶, with one decimal: `12.3`.
public func megabytes(_ bytes: Int) -> String { "\((Double(bytes) / 1e5).rounded() / 10)" }
