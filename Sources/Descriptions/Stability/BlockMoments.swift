import LinearAlgebra

/// The moments of blocks of images in some directions, to be put together in any numbers.
package struct BlockMoments: Sendable {
  /// r, the number of directions.
  private let width: Int
  private let counts: [Double]
  /// The mean of each block less that of all, `[B, r]`.
  private let shifts: RowMatrix
  /// The rows up to the diagonal of Σ x·xᵀ over the images of each block, x less the mean of all, `[B, r·(r+1)/2]`.
  private let triangles: RowMatrix

  /// - Parameters:
  ///   - mean: of all images, `[C]`.
  ///   - directions: what each coordinate adds to each direction, `[r, C]`.
  package init(_ blocks: [HeadStatistics], mean: [Double], in directions: RowMatrix) {
    let width = directions.rows
    var (shifts, triangles) = ([Double](), [Double]())
    for block in blocks {
      let shift = directions.times(zip(block.mean, mean).map { $0 - $1 })
      let moment = congruence(
        directions, RowMatrix(rows: block.width, columns: block.width, values: block.coMoment))
      let images = Double(block.count)
      for row in 0..<width {
        for column in 0...row {
          triangles.append(moment.values[row * width + column] + images * shift[row] * shift[column])
        }
      }
      shifts += shift
    }
    self.width = width
    counts = blocks.map { Double($0.count) }
    self.shifts = RowMatrix(rows: blocks.count, columns: width, values: shifts)
    self.triangles = RowMatrix(
      rows: blocks.count, columns: HeadStatistics.triangleCount(width), values: triangles)
  }

  /// What each of some bootstraps has of the blocks.
  package struct Drawn {
    /// How often it has each block, `[T, B]`.
    fileprivate let weights: RowMatrix
    /// How many images it has.
    fileprivate let images: [Double]
    /// Their mean less that of all, `[T, r]`.
    fileprivate let means: RowMatrix

    /// One over the number of images less one; 0 below two images.
    fileprivate func scale(_ place: Int) -> Double { images[place] > 1 ? 1 / (images[place] - 1) : 0 }
  }

  /// - Parameter draws: how often each bootstrap has each block.
  package func drawn(_ draws: [[Int]]) -> Drawn {
    let weights = RowMatrix(rows: draws.count, columns: counts.count, values: draws.flatMap { $0.map(Double.init) })
    var weighed = weights
    weighed.scaleColumns { counts[$0] }
    let images = draws.map { zip($0, counts).reduce(0) { $0 + Double($1.0) * $1.1 } }
    var means = weighed.times(shifts)
    means.scaleRows { images[$0] > 0 ? 1 / images[$0] : 0 }
    return Drawn(weights: weights, images: images, means: means)
  }

  /// The triangles of the sample covariances of bootstraps, `[T, r·(r+1)/2]`; zeros below two images.
  package func covariances(_ drawn: Drawn) -> RowMatrix {
    let sums = drawn.weights.times(triangles)
    var values: [Double] = []
    values.reserveCapacity(sums.values.count)
    for place in drawn.images.indices {
      let (mean, scale) = (Array(drawn.means.values[drawn.means.range(of: place)]), drawn.scale(place))
      var next = sums.range(of: place).lowerBound
      for row in 0..<width {
        let own = drawn.images[place] * mean[row]
        for column in 0...row {
          values.append((sums.values[next] - own * mean[column]) * scale)
          next += 1
        }
      }
    }
    return RowMatrix(rows: sums.rows, columns: sums.columns, values: values)
  }

  /// The first scores of all texts by the covariances of bootstraps, `[T, K]`: the variance along each text.
  func scores(_ drawn: Drawn, of texts: BootstrapPursuit) -> RowMatrix {
    let sums = drawn.weights.times(texts.quadraticForms(triangles))
    let means = texts.products(drawn.means)
    return sums.map { sum, place, text in
      let mean = means.values[place * means.columns + text]
      return (sum - drawn.images[place] * mean * mean) * drawn.scale(place)
    }
  }

  /// One of some triangles as a symmetric matrix, `[r, r]`.
  package func square(_ triangles: RowMatrix, _ place: Int) -> RowMatrix {
    var values = [Double](repeating: 0, count: width * width)
    var next = triangles.range(of: place).lowerBound
    for row in 0..<width {
      for column in 0...row {
        values[row * width + column] = triangles.values[next]
        values[column * width + row] = triangles.values[next]
        next += 1
      }
    }
    return RowMatrix(rows: width, columns: width, values: values)
  }
}
