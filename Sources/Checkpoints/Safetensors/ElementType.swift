/// The element types of safetensors files that take whole bytes.
enum ElementType: String, Sendable {
  case f64 = "F64"
  case f32 = "F32"
  case f16 = "F16"
  case bf16 = "BF16"
  case i64 = "I64"
  case i32 = "I32"
  case i16 = "I16"
  case i8 = "I8"
  case u64 = "U64"
  case u32 = "U32"
  case u16 = "U16"
  case u8 = "U8"
  case bool = "BOOL"
  case f8e5m2 = "F8_E5M2"
  case f8e4m3 = "F8_E4M3"

  var byteCount: Int {
    switch self {
    case .f64, .i64, .u64: 8
    case .f32, .i32, .u32: 4
    case .f16, .bf16, .i16, .u16: 2
    case .i8, .u8, .bool, .f8e5m2, .f8e4m3: 1
    }
  }

  /// The bytes of all elements; nil where the product of the dimensions other than 0 overflows.
  func byteCount(of shape: [Int]) -> Int? {
    var size = byteCount
    for dimension in shape where dimension != 0 {
      let (product, overflow) = size.multipliedReportingOverflow(by: dimension)
      if overflow { return nil }
      size = product
    }
    return shape.contains(0) ? 0 : size
  }

  /// Fills the floats from the stored bytes, which may lie at any address.
  typealias Conversion = (UnsafeRawBufferPointer, UnsafeMutableBufferPointer<Float>) -> Void

  /// The conversion to float32; nil for types that are not weights.
  var conversion: Conversion? {
    switch self {
    case .f64: { each(UInt64.self, $0, $1) { Float(Double(bitPattern: UInt64(littleEndian: $0))) } }
    case .f32: { each(UInt32.self, $0, $1) { Float(bitPattern: UInt32(littleEndian: $0)) } }
    case .f16: { each(UInt16.self, $0, $1) { float(half: UInt16(littleEndian: $0)) } }
    case .bf16: { each(UInt16.self, $0, $1) { Float(bitPattern: UInt32(UInt16(littleEndian: $0)) << 16) } }
    default: nil
    }
  }
}

@inline(__always)
private func each<Stored: FixedWidthInteger>(
  _ type: Stored.Type, _ stored: UnsafeRawBufferPointer, _ floats: UnsafeMutableBufferPointer<Float>,
  _ convert: (Stored) -> Float
) {
  guard let source = stored.baseAddress, let target = floats.baseAddress else { return }
  for index in 0..<stored.count / MemoryLayout<Stored>.size {
    (target + index).initialize(
      to: convert(source.loadUnaligned(fromByteOffset: index * MemoryLayout<Stored>.size, as: type)))
  }
}

/// Converts an IEEE half to a float, without a branch so that the loop above becomes vector code.
///
/// `Float(Float16)` is a function call for each number on processors without the conversion. The product with 2¹¹²
/// moves the exponent and makes subnormal halves normal, exactly; infinities and NaNs get their exponent separately.
@inline(__always)
func float(half: UInt16) -> Float {
  let magnitude = UInt32(half & 0x7FFF) << 13
  let scaled = (Float(bitPattern: magnitude) * 0x1p112).bitPattern
  let special: UInt32 = half & 0x7C00 == 0x7C00 ? 0x7F80_0000 : 0
  return Float(bitPattern: scaled | special | UInt32(half & 0x8000) << 16)
}
