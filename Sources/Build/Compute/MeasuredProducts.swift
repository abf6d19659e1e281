import Files
import Foundation
import LinearAlgebra

/// What computes products on this processor, by measurements that are made once and kept.
///
/// Nothing is measured where there is no choice: where OpenBLAS's own kernels are as wide as the processor, and the program is
/// built without oneDNN.
package struct MeasuredProducts: Sendable, Codable, Equatable {
  /// What the measurements hold for: processor, libraries and the kernels that OpenBLAS chose itself.
  package let subject: String
  /// Of each kernels that were tried, by their value of `OPENBLAS_CORETYPE`; empty for OpenBLAS's own choice.
  package let byCoreType: [String: ProductMeasurement]

  package init(subject: String, byCoreType: [String: ProductMeasurement]) {
    (self.subject, self.byCoreType) = (subject, byCoreType)
  }

  /// The value of `OPENBLAS_CORETYPE` whose kernels are right and fastest; nil for OpenBLAS's own choice.
  package var coreType: String? {
    let right = byCoreType.filter(\.value.isRight)
    // The order makes equal speeds a choice that does not depend on the dictionary's.
    let best = right.max { ($0.value.fastest, $0.key) < ($1.value.fastest, $1.key) }
    return best.flatMap { $0.key.isEmpty ? nil : $0.key }
  }

  /// The measurement with the kernels that are used.
  package var chosen: ProductMeasurement? { byCoreType[coreType ?? ""] }

  /// What multiplies float32 fastest; nil where nothing was measured.
  package var library: ProductLibrary? {
    chosen?.speeds.filter { $0.precision == .fp32 }.max { $0.gigaflops < $1.gigaflops }?.library
  }

  /// A sentence on `precision` being slower here than float32; nil where it is not, or nothing was measured.
  package func warning(for precision: Precision) -> String? {
    guard precision == .bf16, let chosen, let half = chosen.speed(.oneDNN, .bf16), half < chosen.fastest else {
      return nil
    }
    return "bf16 is slower than fp32 on this processor: \(gigaflops(half)) a thread, fp32 \(gigaflops(chosen.fastest))"
  }
}

func gigaflops(_ value: Double) -> String { "\(Int(value.rounded())) GFLOP/s" }

extension ProductMeasurement {
  /// The best speed in float32.
  var fastest: Double { speeds.filter { $0.precision == .fp32 }.map(\.gigaflops).max() ?? 0 }
}

/// Loads OpenBLAS with the kernels, and chooses the library, that compute fastest here; the words that a user must read, if any.
///
/// What has to be measured is measured once, in about a second, and kept in the user's cache. Where it cannot be kept, the
/// processor's instructions decide alone.
package func chooseProducts(for compute: ComputeOptions) throws -> String? {
  var measured: MeasuredProducts?
  try OpenBLAS.prepare(threads: 1) { own, library in
    let candidates = KernelSet.candidates(insteadOf: own)
    guard !candidates.isEmpty else { return nil }
    measured = keptMeasurements(candidates.map(\.coreType), own: own, library: library)
    return measured.map(\.coreType) ?? candidates.first?.coreType
  }
  guard ProductEngine.libraries.count > 1 else { return nil }
  if let asked = askedLibrary() {
    ProductEngine.choose(asked)
    return nil
  }
  measured = measured ?? keptMeasurements([""], own: OpenBLAS.kernels, library: OpenBLAS.name)
  if let library = measured?.library { ProductEngine.choose(library) }
  return measured?.warning(for: compute.precision)
}

/// What `HEADATLAS_PRODUCTS` asks for, `openBLAS` or `oneDNN`; nil where it names nothing that this build has.
private func askedLibrary() -> ProductLibrary? {
  ProcessInfo.processInfo.environment["HEADATLAS_PRODUCTS"].flatMap(ProductLibrary.init(rawValue:))
    .flatMap { ProductEngine.libraries.contains($0) ? $0 : nil }
}

/// The measurements that are kept, or else made now and kept; nil where they cannot be made or kept.
private func keptMeasurements(_ coreTypes: [String], own: String, library: String) -> MeasuredProducts? {
  let libraries = ProductEngine.libraries.map { $0 == .openBLAS ? library : ProductEngine.name(of: $0) }
  let subject = ([processorName(), own] + libraries).joined(separator: ", ")
  guard let folder = measurementsFolder() else { return nil }
  // A file for each subject, since machines can share a home.
  let file = folder + "/products-\(hexDigest(of: subject.utf8).prefix(16)).json"
  if let bytes = try? readFile(file, limit: 1 << 20),
    let kept = try? JSONDecoder().decode(MeasuredProducts.self, from: Data(bytes)), kept.subject == subject
  {
    return kept
  }
  do {
    // Looked at first, so that nothing is measured at every start.
    try makeFolder(folder)
    guard access(folder, W_OK) == 0 else { return nil }
    let measured = MeasuredProducts(subject: subject, byCoreType: measureInChildren(coreTypes))
    guard measured.chosen != nil else { return nil }
    try writeFile(try jsonText(measured).utf8, to: file)
    return measured
  } catch {
    return nil
  }
}

/// The user's cache; nil where there is no home.
private func measurementsFolder() -> String? {
  let environment = ProcessInfo.processInfo.environment
  if let cache = environment["XDG_CACHE_HOME"], cache.hasPrefix("/") { return cache + "/headatlas" }
  return environment["HOME"].flatMap { $0.hasPrefix("/") ? $0 + "/.cache/headatlas" : nil }
}

/// The processor as Linux describes it: maker, family, model, stepping and name.
private func processorName() -> String {
  guard let text = try? readText("/proc/cpuinfo") else { return "unknown" }
  let keys = ["vendor_id", "cpu family", "model", "model name", "stepping"]
  let lines = text.split(separator: "\n").prefix {
    !$0.hasPrefix("processor") || $0.hasSuffix(" 0") || $0.hasSuffix("\t0")
  }
  let fields = lines.map { $0.split(separator: ":").map { $0.trimmingCharacters(in: .whitespaces) } }
  return fields.filter { $0.count == 2 && keys.contains($0[0]) }.map { $0[1] }.joined(separator: " ")
}

/// Measures with each of some values of `OPENBLAS_CORETYPE`, that of the environment where empty, in a process of its own: kernels
/// for instructions that are not there would end this one.
func measureInChildren(_ coreTypes: [String]) -> [String: ProductMeasurement] {
  var found: [String: ProductMeasurement] = [:]
  for coreType in coreTypes {
    var environment = ProcessInfo.processInfo.environment
    if !coreType.isEmpty { environment["OPENBLAS_CORETYPE"] = coreType }
    guard let text = outputOfChild([measuringCommand], environment: environment, seconds: 20) else { continue }
    found[coreType] = try? JSONDecoder().decode(ProductMeasurement.self, from: Data(text))
  }
  return found
}

/// The hidden command that prints `measuredProducts()`.
package let measuringCommand = "measure-products"

/// What this process measures of its own products, as JSON.
package func measuredProducts() throws -> String {
  try OpenBLAS.prepare(threads: 1)
  return try jsonText(ProductMeasurement(), isPretty: false)
}
