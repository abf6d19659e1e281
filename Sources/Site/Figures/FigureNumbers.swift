import Diagnostics

/// A number as readers see it; a dash where it is not finite.
func printed(_ number: Double, _ decimals: Int) -> String {
  number.isFinite ? fixed(number, decimals: min(max(decimals, 0), 12)) : "–"
}

/// A coordinate in a drawing, in hundredths at most.
func coordinate(_ value: Double) -> String {
  guard value.isFinite, abs(value) < 1e6 else { return "0" }
  let hundredths = Int((value * 100).rounded())
  let (whole, rest) = (abs(hundredths) / 100, abs(hundredths) % 100)
  let sign = hundredths < 0 ? "-" : ""
  if rest == 0 { return "\(sign)\(whole)" }
  let fraction = rest % 10 == 0 ? "\(rest / 10)" : rest < 10 ? "0\(rest)" : "\(rest)"
  return "\(sign)\(whole).\(fraction)"
}
