import LuaBridge

/// A number of a schema or a value, in one form: 1 and 1.0 are the same.
enum SchemaNumber: Hashable, Sendable {
  case integer(Int64)
  /// Beyond `Int64`.
  case unsigned(UInt64)
  /// Not a whole number, or beyond both.
  case float(Double)

  init?(_ node: JSONNode) {
    if let value = node.integer {
      self = .integer(value)
    } else if let value = node.unsigned {
      self = .unsigned(value)
    } else if let value = node.float {
      self = Int64(exactly: value).map(Self.integer) ?? UInt64(exactly: value).map(Self.unsigned) ?? .float(value)
    } else {
      return nil
    }
  }

  var isWhole: Bool {
    if case .float(let value) = self { value == value.rounded() } else { true }
  }

  var double: Double {
    switch self {
    case .integer(let value): Double(value)
    case .unsigned(let value): Double(value)
    case .float(let value): value
    }
  }

  /// Whether dividing by `step`, which is above zero, leaves nothing.
  ///
  /// For floats it is asked of their decimal forms: 19.99 is a multiple of 0.01. Each of the two and the quotient is
  /// off by half a unit in the last place at most.
  func isMultiple(of step: SchemaNumber) -> Bool {
    switch (self, step) {
    case (.integer(let value), .integer(let step)): return value % step == 0
    case (.unsigned(let value), .integer(let step)): return value % UInt64(step) == 0
    case (.unsigned(let value), .unsigned(let step)): return value % step == 0
    case (.integer(let value), .unsigned): return value == 0 || value == .min && step == .unsigned(1 << 63)
    default:
      let quotient = double / step.double
      // Infinite: the value has no digits down there.
      return !quotient.isFinite || abs(quotient - quotient.rounded()) <= 2 * quotient.ulp
    }
  }
}

extension SchemaNumber: Comparable {
  /// A `float` is not whole, so below 2^53, or beyond the others: comparing as `Double` is exact.
  static func < (a: SchemaNumber, b: SchemaNumber) -> Bool {
    switch (a, b) {
    case (.integer(let a), .integer(let b)): a < b
    case (.unsigned(let a), .unsigned(let b)): a < b
    case (.integer, .unsigned): true
    case (.unsigned, .integer): false
    default: a.double < b.double
    }
  }
}

extension SchemaNumber: CustomStringConvertible {
  var description: String {
    switch self {
    case .integer(let value): "\(value)"
    case .unsigned(let value): "\(value)"
    case .float(let value): "\(value)"
    }
  }
}
