import CVectors
import Synchronization

#if OneDNN
  import OneDNN
#endif

/// The shape of attention over one run of tokens.
package struct AttentionShape: Sendable, Hashable {
  /// T, the number of tokens.
  package let tokens: Int
  /// H, the number of heads.
  package let heads: Int
  /// D, the width of each head.
  package let headWidth: Int
  /// Whether a token sees only itself and those before it.
  package let isCausal: Bool

  package init(tokens: Int, heads: Int, headWidth: Int, isCausal: Bool) {
    (self.tokens, self.heads) = (tokens, heads)
    (self.headWidth, self.isCausal) = (headWidth, isCausal)
  }

  /// W, the width of all heads together.
  package var width: Int { heads * headWidth }

  /// The distance between rows of scores.
  static func scoreStride(tokens: Int) -> Int {
    let stride = (tokens + 15) & ~15
    return stride * 4 % 4096 == 0 ? stride + 16 : stride
  }

  /// The size in bytes of the scratch memory for runs of up to `tokens` tokens.
  package static func scratchSize(tokens: Int, headWidth: Int) -> Int {
    // Scores in float32 and, for a product in bfloat16, attention in that.
    max(tokens * scoreStride(tokens: tokens) * (4 + 2), vectors_attend_bfloat16_scratch(tokens, headWidth))
  }

  /// Whether `attend` computes each head in one call, six rows at a time.
  func isFused(_ number: NumberKind) -> Bool {
    number == .bfloat16 && headWidth % 16 == 0 && vectors_has_bfloat16() != 0
  }
}

/// Computes softmax(q·kᵀ/√D)·v for every head over one run of tokens.
///
/// Only one head's scores are in memory at a time. `packed` is `[T, 3W]`, query, key and value beside each other, of
/// stride `ProductEngine.stride(3W)`; `gathered` is `[T, W]`, head beside head, of stride `ProductEngine.stride(W)`;
/// `scratch` has `AttentionShape.scratchSize` bytes, aligned to 64. Where `keep` is not nil, the attention of one row is
/// written there, `[H, T]`.
package func attend(
  _ shape: AttentionShape, _ number: NumberKind, packed: UnsafeRawPointer, into gathered: UnsafeMutableRawPointer,
  scratch: UnsafeMutableRawPointer, keep: (row: Int, place: UnsafeMutablePointer<Float>)? = nil,
  by library: ProductLibrary? = nil
) {
  let library = library ?? ProductEngine.library(for: number)
  let (tokens, headWidth, width) = (shape.tokens, shape.headWidth, shape.width)
  let scale = 1 / Float(headWidth).squareRoot()
  if shape.isFused(number) {
    return attendFused(shape, scale, packed: packed, into: gathered, scratch: scratch, keep: keep)
  }
  let stride = AttentionShape.scoreStride(tokens: tokens)
  let scores = scratch.assumingMemoryBound(to: Float.self)
  let size = number.size
  let products = HeadProducts(shape, number, library)
  let attention = number == .float32 ? scratch : scratch + tokens * stride * 4
  for head in 0..<shape.heads {
    let query = packed + head * headWidth * size
    let (key, value) = (query + width * size, query + 2 * width * size)
    let result = gathered + head * headWidth * size
    products.score(query, key, into: scores)
    let causal: Int32 = shape.isCausal ? 1 : 0
    switch number {
    case .float32:
      vectors_softmax(scores, tokens, tokens, stride, scale, causal, attention.assumingMemoryBound(to: Float.self))
      if let keep {
        (keep.place + head * tokens).update(
          from: attention.assumingMemoryBound(to: Float.self) + keep.row * stride, count: tokens)
      }
    case .bfloat16:
      let halves = attention.assumingMemoryBound(to: UInt16.self)
      vectors_softmax_bfloat16(scores, tokens, tokens, stride, scale, causal, halves)
      if let keep { vectors_from_bfloat16(halves + keep.row * stride, tokens, keep.place + head * tokens) }
    }
    products.mix(attention, value, into: result)
  }
}

private func attendFused(
  _ shape: AttentionShape, _ scale: Float, packed: UnsafeRawPointer, into gathered: UnsafeMutableRawPointer,
  scratch: UnsafeMutableRawPointer, keep: (row: Int, place: UnsafeMutablePointer<Float>)?
) {
  let packed = packed.assumingMemoryBound(to: UInt16.self)
  let gathered = gathered.assumingMemoryBound(to: UInt16.self)
  for head in 0..<shape.heads {
    let query = packed + head * shape.headWidth
    vectors_attend_bfloat16(
      query, query + shape.width, query + 2 * shape.width, ProductEngine.stride(3 * shape.width, .bfloat16),
      shape.tokens, shape.headWidth, scale, shape.isCausal ? 1 : 0, gathered + head * shape.headWidth,
      ProductEngine.stride(shape.width, .bfloat16), scratch, keep?.row ?? 0,
      keep.map { $0.place + head * shape.tokens })
  }
}

/// The two products of one head's attention, by either library, on the calling thread.
private struct HeadProducts {
  private let shape: AttentionShape
  private let packedStride: Int
  private let gatheredStride: Int
  #if OneDNN
    private let scoring: Matmul.Runner?
    private let mixing: Matmul.Runner?
  #endif

  init(_ shape: AttentionShape, _ number: NumberKind, _ library: ProductLibrary) {
    self.shape = shape
    packedStride = ProductEngine.stride(3 * shape.width, number, library)
    gatheredStride = ProductEngine.stride(shape.width, number, library)
    #if OneDNN
      let products = library == .oneDNN ? AttentionProducts.of(shape, number) : nil
      scoring = products?.scoring.runner()
      mixing = products?.mixing.runner()
    #endif
  }

  func score(_ query: UnsafeRawPointer, _ key: UnsafeRawPointer, into scores: UnsafeMutablePointer<Float>) {
    #if OneDNN
      if let scoring { return scoring.run(query, key, into: scores) }
    #endif
    multiply(
      query.assumingMemoryBound(to: Float.self), stride: packedStride, .normal,
      key.assumingMemoryBound(to: Float.self), stride: packedStride, .transposed, into: scores,
      stride: AttentionShape.scoreStride(tokens: shape.tokens), rows: shape.tokens, columns: shape.tokens,
      inner: shape.headWidth)
  }

  func mix(_ attention: UnsafeRawPointer, _ value: UnsafeRawPointer, into result: UnsafeMutableRawPointer) {
    #if OneDNN
      if let mixing { return mixing.run(attention, value, into: result) }
    #endif
    multiply(
      attention.assumingMemoryBound(to: Float.self), stride: AttentionShape.scoreStride(tokens: shape.tokens), .normal,
      value.assumingMemoryBound(to: Float.self), stride: packedStride, .normal,
      into: result.assumingMemoryBound(to: Float.self), stride: gatheredStride, rows: shape.tokens,
      columns: shape.headWidth, inner: shape.tokens)
  }
}

#if OneDNN
  /// The two products of one head's attention, prepared.
  private final class AttentionProducts: Sendable {
    let scoring: Matmul
    let mixing: Matmul

    private init(_ shape: AttentionShape, _ number: NumberKind) {
      let (tokens, headWidth) = (shape.tokens, shape.headWidth)
      let stride = AttentionShape.scoreStride(tokens: tokens)
      let packed = ProductEngine.stride(3 * shape.width, number, .oneDNN)
      let score = Matmul.Shape(
        rows: tokens, columns: tokens, inner: headWidth, a: number.dnnl, aStride: packed, bStrides: [1, packed],
        c: .float32, cStride: stride)
      let mix = Matmul.Shape(
        rows: tokens, columns: headWidth, inner: tokens, a: number.dnnl, aStride: stride, bStrides: [packed, 1],
        c: number.dnnl, cStride: ProductEngine.stride(shape.width, number, .oneDNN))
      guard let scoring = Matmul(score), let mixing = Matmul(mix) else {
        preconditionFailure("oneDNN has no product for \(score) or \(mix)")
      }
      (self.scoring, self.mixing) = (scoring, mixing)
    }

    private struct Key: Hashable {
      let shape: AttentionShape
      let number: NumberKind
    }

    private static let known = Mutex<[Key: AttentionProducts]>([:])

    static func of(_ shape: AttentionShape, _ number: NumberKind) -> AttentionProducts {
      known.withLock { known in
        let key = Key(shape: shape, number: number)
        if let products = known[key] { return products }
        let made = AttentionProducts(shape, number)
        known[key] = made
        return made
      }
    }
  }
#endif
