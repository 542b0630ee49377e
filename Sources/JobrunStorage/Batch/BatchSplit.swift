internal import JobrunModel

/// What a batch file may hold.
public struct BatchLimits: Sendable, Equatable {
  public var lines: Int
  public var bytes: Int

  public init(lines: Int, bytes: Int) {
    self.lines = lines
    self.bytes = bytes
  }
}

/// Decides which of several batch files a line goes into: one model and one form a file, none above its limits. Files are
/// numbered from 1 in the order in which they are begun.
struct BatchSplit {
  struct Place: Equatable {
    var number: Int
    var model: String
  }

  private struct Kind: Hashable {
    var model: String
    var api: WireAPI
  }

  private let limits: BatchLimits
  /// The file that each kind is written to now.
  private var current: [Kind: Int] = [:]
  /// What each file holds.
  private(set) var sizes: [(lines: Int, bytes: Int)] = []

  init(_ limits: BatchLimits) { self.limits = limits }

  /// - Parameter bytes: The line's, with its line break.
  /// - Returns: nil where it is larger than a file may be.
  mutating func place(bytes: Int, model: String, api: WireAPI) -> Place? {
    guard bytes <= limits.bytes else { return nil }
    let kind = Kind(model: model, api: api)
    if let number = current[kind] {
      let (lines, size) = sizes[number - 1]
      if lines < limits.lines, size + bytes <= limits.bytes {
        sizes[number - 1] = (lines + 1, size + bytes)
        return Place(number: number, model: model)
      }
    }
    sizes.append((1, bytes))
    current[kind] = sizes.count
    return Place(number: sizes.count, model: model)
  }
}
