import Synchronization

#if OneDNN
  import OneDNN
#endif

/// A layer of a tower, y = f(x·Wᵀ + b), with its weights in the form that the engine multiplies fastest.
///
/// It may be used from several threads; each computes on that thread alone.
package final class LinearMap: Sendable {
  /// The last step of a layer, from x·Wᵀ + b to what is stored.
  package enum Ending: Sendable, Hashable {
    /// The sum is stored as the inputs are, for another product or for attention.
    case stored
    /// f of the sum is stored as the inputs are.
    case activated(Activation)
    /// The sum is stored in float32, in rows of stride `outputs`.
    case float32
  }

  package let inputs: Int
  package let outputs: Int
  private let ending: Ending
  private let number: NumberKind
  /// The weights for OpenBLAS; empty where oneDNN has them.
  private let weights: [Float]
  /// The biases, for oneDNN with zeros up to a whole stride, `[outputs]` rounded up.
  private let bias: [Float]
  #if OneDNN
    /// The weights for oneDNN; nil where OpenBLAS multiplies.
    private let packed: DNNLWeights?
    /// The products by their number of rows.
    private let products: Mutex<[Int: Matmul]>
    /// The last step that oneDNN's product does itself: `ending`, or `.float32` where the activation is that of CVectors,
    /// which takes half the time.
    private let fused: Ending
  #endif

  /// Prepares a layer of `weights`, `[outputs, inputs]` row-major, and `bias`, `[outputs]`.
  ///
  /// - Parameter library: what multiplies; that which is chosen for this process where nil.
  package init(
    _ weights: [Float], bias: [Float], inputs: Int, outputs: Int, precision: Precision, ending: Ending,
    by library: ProductLibrary? = nil
  ) {
    precondition(
      weights.count == inputs * outputs && bias.count == outputs,
      "\(weights.count) weights and \(bias.count) biases for \(outputs)×\(inputs)")
    (self.inputs, self.outputs) = (inputs, outputs)
    self.ending = ending
    number = precision.number
    let library = library ?? ProductEngine.library(for: number)
    #if OneDNN
      guard library == .oneDNN else {
        (self.weights, self.bias) = (weights, bias)
        (packed, fused) = (nil, ending)
        products = Mutex([:])
        return
      }
      self.weights = []
      let inner = ProductEngine.stride(inputs, number, library)
      let columns = ending == .float32 ? outputs : ProductEngine.stride(outputs, number, library)
      self.bias = bias + [Float](repeating: 0, count: columns - outputs)
      let isOurs = number == .bfloat16 && ending.activation != nil && Activation.storesBfloat16
      fused = isOurs ? .float32 : ending
      // What the format is chosen for.
      let rows = isOurs ? Self.blockRows : 1024
      let model = Self.product(rows, inner: inner, columns: columns, number, fused, weights: nil)
      packed = DNNLWeights(
        padded(weights, rows: outputs, columns: inputs, toRows: columns, columns: inner), for: model)
      products = Mutex([rows: model])
    #else
      precondition(precision == .fp32 && library == .openBLAS, "\(precision) by \(library)")
      (self.weights, self.bias) = (weights, bias)
    #endif
  }

  /// Applies the layer to `x`, `[rows, inputs]` of stride `ProductEngine.stride`, with zeros between rows.
  ///
  /// `y` is `[rows, outputs]` of stride `ProductEngine.stride`, or of stride `outputs` where the ending is `.float32`. Both
  /// have memory for `ProductEngine.rounded(rows:)` rows.
  package func apply(_ x: UnsafeRawPointer, rows: Int, into y: UnsafeMutableRawPointer) {
    guard rows > 0 else { return }
    #if OneDNN
      if let packed {
        let rounded = ProductEngine.rounded(rows: rows)
        if fused != ending, let activation = ending.activation {
          applyInBlocks(x, rows: rounded, packed, activation, into: y)
        } else {
          multiply(x, rows: rounded, packed, into: y)
        }
        return
      }
    #endif
    let x = x.assumingMemoryBound(to: Float.self)
    let y = y.assumingMemoryBound(to: Float.self)
    // A product can add to what its result holds, so that the bias costs nothing.
    let isActivated = ending.activation != nil
    if !isActivated {
      bias.withUnsafeBufferPointer { bias in
        for row in 0..<rows { (y + row * outputs).update(from: bias.baseAddress!, count: outputs) }
      }
    }
    weights.withUnsafeBufferPointer { weights in
      LinearAlgebra.multiply(
        x, stride: inputs, .normal, weights.baseAddress!, stride: inputs, .transposed, into: y, stride: outputs,
        rows: rows, columns: outputs, inner: inputs, keep: isActivated ? 0 : 1)
    }
    ending.activation?.apply(to: y, rows: rows, width: outputs, bias: bias)
  }

  #if OneDNN
    /// The number of rows in a block, a multiple of the rows that oneDNN's kernels compute at a time.
    private static let blockRows = 96

    /// Applies the layer in blocks, whose float32 results go to the activation while they are still in the caches.
    ///
    /// The last block may have up to half of `blockRows` more or fewer.
    private func applyInBlocks(
      _ x: UnsafeRawPointer, rows: Int, _ weights: DNNLWeights, _ activation: Activation,
      into y: UnsafeMutableRawPointer
    ) {
      let columns = bias.count
      let most = Self.blockRows + Self.blockRows / 2
      let block = ScratchBuffer.taken(size: most * columns * NumberKind.float32.size)
      defer { block.giveBack() }
      let products = block.start.assumingMemoryBound(to: Float.self)
      var first = 0
      while first < rows {
        let count = rows - first < most ? rows - first : Self.blockRows
        multiply(
          x + first * ProductEngine.stride(inputs, number, .oneDNN) * number.size, rows: count, weights, into: products)
        activation.store(
          products, count: count * columns,
          into: (y + first * columns * number.size).assumingMemoryBound(to: UInt16.self))
        first += count
      }
    }

    private func multiply(
      _ x: UnsafeRawPointer, rows: Int, _ weights: DNNLWeights, into y: UnsafeMutableRawPointer
    ) {
      let product = products.withLock { known in
        if let product = known[rows] { return product }
        let made = Self.product(
          rows, inner: ProductEngine.stride(inputs, number, .oneDNN), columns: bias.count, number, fused,
          weights: weights)
        known[rows] = made
        return made
      }
      bias.withUnsafeBytes { product.runner().run(x, weights.start, bias: $0.baseAddress, into: y) }
    }

    private static func product(
      _ rows: Int, inner: Int, columns: Int, _ number: NumberKind, _ ending: Ending, weights: DNNLWeights?
    ) -> Matmul {
      let shape = Matmul.Shape(
        rows: rows, columns: columns, inner: inner, a: number.dnnl, aStride: inner, bStrides: nil,
        c: ending == .float32 ? .float32 : number.dnnl, cStride: columns, hasBias: true, ending: ending.dnnl)
      guard let product = Matmul(shape, weights: weights) else {
        preconditionFailure("oneDNN has no product for \(shape)")
      }
      return product
    }
  #endif
}

extension LinearMap.Ending {
  fileprivate var activation: Activation? {
    if case .activated(let activation) = self { activation } else { nil }
  }
}

#if OneDNN
  extension NumberKind {
    var dnnl: DNNLNumber { self == .float32 ? .float32 : .bfloat16 }
  }

  extension LinearMap.Ending {
    fileprivate var dnnl: DNNLEnding {
      switch self {
      case .stored, .float32: .none
      case .activated(.gelu): .gelu
      case .activated(.quickGELU): .swish(1.702)
      }
    }
  }

  /// The matrix with zeros to its right and below it.
  private func padded(_ matrix: [Float], rows: Int, columns: Int, toRows: Int, columns width: Int) -> [Float] {
    guard toRows > rows || width > columns else { return matrix }
    var result = [Float](repeating: 0, count: toRows * width)
    for row in 0..<rows {
      result.replaceSubrange(row * width..<row * width + columns, with: matrix[row * columns..<(row + 1) * columns])
    }
    return result
  }
#endif
