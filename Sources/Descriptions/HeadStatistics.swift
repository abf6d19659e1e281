import LinearAlgebra
import Tensors

/// The statistics of the images that TextSpan needs: count, mean and co-moment of one head's coordinates.
///
/// Images are added in any number of batches and merged with the statistics of other images, so that memory does not
/// grow with N; everything is accumulated in double (Chan, Golub and LeVeque's update). To add batches one after the
/// other is to merge the statistics of each in the same order, bit for bit. C stands for D+3.
package struct HeadStatistics: Sendable, Equatable, Codable {
  /// C, the number of coordinates.
  package let width: Int
  /// N, the number of images.
  package private(set) var count = 0
  /// The mean coordinates, `[C]`.
  package private(set) var mean: [Double]
  /// The co-moment Σ (a − mean)(a − mean)ᵀ over the images, `[C, C]`, row-major.
  package private(set) var coMoment: [Double]

  /// Statistics without any image.
  package init(width: Int) {
    precondition(width >= 0, "width \(width)")
    self.width = width
    mean = [Double](repeating: 0, count: width)
    coMoment = [Double](repeating: 0, count: width * width)
  }

  /// Statistics as they were kept: what `lowerTriangle` gave, `[C·(C+1)/2]`, for `mean`, `[C]`.
  package init(count: Int, mean: [Double], lowerTriangle: [Double]) {
    precondition(
      count >= 0 && lowerTriangle.count == Self.triangleCount(mean.count),
      "\(lowerTriangle.count) numbers for width \(mean.count)")
    (self.count, self.mean, width) = (count, mean, mean.count)
    let width = mean.count
    coMoment = (0..<width * width).map { place in
      let (row, column) = (max(place / width, place % width), min(place / width, place % width))
      return lowerTriangle[row * (row + 1) / 2 + column]
    }
  }

  /// Statistics with a covariance, `[C, C]`, and a mean of 0.
  package init(covariance: Tensor) {
    precondition(
      covariance.shape.count == 2 && covariance.rows == covariance.rowCount, "a covariance \(covariance.shape)")
    width = covariance.rows
    mean = [Double](repeating: 0, count: width)
    // The sample covariance of two images is their co-moment.
    count = 2
    coMoment = covariance.values.map(Double.init)
  }

  /// The co-moment's rows up to the diagonal, one after the other, `[C·(C+1)/2]`: all of it, since it is symmetric.
  package var lowerTriangle: [Double] {
    (0..<width).flatMap { row in coMoment[row * width...row * width + row] }
  }

  /// C·(C+1)/2 for C coordinates.
  package static func triangleCount(_ width: Int) -> Int { width * (width + 1) / 2 }

  /// Adds the images of a batch, `[n, C]`; another width is a programming error.
  package mutating func add(_ coordinates: Tensor) {
    precondition(
      coordinates.shape.count == 2 && coordinates.shape[1] == width, "coordinates \(coordinates.shape), width \(width)")
    guard coordinates.rows > 0 else { return }
    var batch = HeadStatistics(width: width)
    batch.count = coordinates.rows
    batch.accumulate(coordinates)
    merge(batch)
  }

  /// Adds the statistics of other images of the same head; without any image, it becomes them.
  package mutating func merge(_ other: HeadStatistics) {
    precondition(other.width == width, "widths \(width) and \(other.width)")
    guard other.count > 0 else { return }
    guard count > 0 else {
      self = other
      return
    }
    let total = Double(count + other.count)
    let weight = Double(count) * Double(other.count) / total
    let shift = zip(mean, other.mean).map { $1 - $0 }
    for row in 0..<width {
      for column in 0...row {
        let sum =
          coMoment[row * width + column] + other.coMoment[row * width + column] + weight * shift[row] * shift[column]
        // The product of three would not be the same bits with row and column exchanged.
        coMoment[row * width + column] = sum
        coMoment[column * width + row] = sum
      }
    }
    for index in 0..<width { mean[index] += shift[index] * Double(other.count) / total }
    count += other.count
  }

  /// Computes mean and co-moment of one batch in two passes.
  private mutating func accumulate(_ coordinates: Tensor) {
    addColumns(of: coordinates, to: &mean)
    for index in 0..<width { mean[index] /= Double(count) }
    var products = OuterProductSum(width: width)
    products.add(coordinates, subtracting: mean)
    coMoment = products.matrix
  }
}

extension HeadStatistics {
  /// The trace of the head's covariance in the joint embedding, by its basis `[C, E]`; 0 below two images.
  ///
  /// - Throws: `TextSpanError`, `EigenFailure`.
  package func totalVariance(basis: Tensor) throws -> Double {
    try HeadFrame(statistics: self, basis: basis).totalVariance
  }

  /// The effective rank of the head's covariance in the joint embedding, by its basis `[C, E]`.
  ///
  /// It is the exponential of the entropy of the normalised spectrum: between 1 and C, and 0 for a head that does not vary.
  ///
  /// - Throws: `TextSpanError`, `EigenFailure`.
  package func effectiveRank(basis: Tensor) throws -> Double {
    try HeadFrame(statistics: self, basis: basis).effectiveRank()
  }
}
