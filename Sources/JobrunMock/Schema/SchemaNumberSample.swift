/// Finds a number within a schema's limits.
struct SchemaNumberSample {
  private static let limit = 9e15

  private let isWhole: Bool
  private var lowest = -Self.limit
  private var highest = Self.limit
  private var isAboveLowest = false
  private var isBelowHighest = false
  /// What the number is a whole multiple of, and its decimal places.
  private var step: Double?
  private var places = 0

  init(_ schema: JSONValue, isWhole: Bool) {
    self.isWhole = isWhole
    if let value = schema["minimum"]?.double { lowest = max(value, lowest) }
    if let value = schema["maximum"]?.double { highest = min(value, highest) }
    // In draft 4 these were flags.
    if schema["exclusiveMinimum"] == .bool(true) { isAboveLowest = true }
    if schema["exclusiveMaximum"] == .bool(true) { isBelowHighest = true }
    if let value = schema["exclusiveMinimum"]?.double, value >= lowest { (lowest, isAboveLowest) = (value, true) }
    if let value = schema["exclusiveMaximum"]?.double, value <= highest { (highest, isBelowHighest) = (value, true) }
    guard let multiple = schema["multipleOf"], let size = multiple.double, size > 0 else { return }
    step = size
    if case .number(let literal) = multiple, let point = literal.firstIndex(of: "."), !literal.contains("e") {
      places = min(literal[literal.index(after: point)...].utf8.count, 12)
    }
  }

  private func holds(_ value: Double) -> Bool {
    (isAboveLowest ? value > lowest : value >= lowest) && (isBelowHighest ? value < highest : value <= highest)
      && (!isWhole || value == value.rounded())
  }

  /// - Parameters:
  ///   - wanted: Taken where one fits and there is no step.
  ///   - variant: Another one gives another number, where there is room.
  func value(near wanted: [Double], variant: Int) -> JSONValue {
    if step == nil, variant == 0, let value = wanted.first(where: holds) { return Self.written(value) }
    let unit = step ?? 1
    let start = lowest > -Self.limit ? (lowest / unit).rounded(.up) : min(0, (highest / unit).rounded(.down))
    var left = variant
    for count in 0..<2000 {
      let multiple = lowest > -Self.limit ? start + Double(count) : start - Double(count)
      let value = multiple * unit
      guard holds(value) else {
        if count > 1, value > highest || value < lowest { break }
        continue
      }
      if left == 0 { return Self.written(value, places: places) }
      left -= 1
    }
    let middle = lowest / 2 + highest / 2
    return Self.written(step == nil && holds(middle) ? middle : isWhole ? start * unit : lowest)
  }

  /// A whole number without a point; a multiple of 0.1 with one place, not with the error of its product.
  private static func written(_ value: Double, places: Int = 0) -> JSONValue {
    if let whole = Int(exactly: value) { return .number(String(whole)) }
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    return .number("\(places > 0 ? (value * scale).rounded() / scale : value)")
  }
}
