/// A copy of a Lua value.
public indirect enum LuaValue {
  case `nil`
  case null
  case boolean(Bool)
  case integer(Int)
  case number(Double)
  case string([UInt8])
  case table(LuaTableValue)
  case function(LuaReference)
  /// A value without a copy, by its type's name: userdata, threads, tables too deep, too many or within themselves.
  case other(String)
}

/// A copy of a Lua table.
public struct LuaTableValue {
  /// The list part in order, then the other entries sorted by key: numbers, then strings by bytes.
  public var entries: [(key: LuaValue, value: LuaValue)]
  /// Whether it is marked as a list, or all its keys are 1...n.
  public var isArray: Bool

  public init(entries: [(key: LuaValue, value: LuaValue)] = [], isArray: Bool = false) {
    self.entries = entries
    self.isArray = isArray
  }

  /// The value at a string key.
  public subscript(_ name: String) -> LuaValue? {
    entries.first { $0.key.isString(name) }?.value
  }
}

extension LuaValue {
  func isString(_ text: String) -> Bool {
    if case .string(let bytes) = self { bytes.elementsEqual(text.utf8) } else { false }
  }

  /// The order of keys in `LuaTableValue.entries`.
  static func keyPrecedes(_ a: LuaValue, _ b: LuaValue) -> Bool {
    switch (a, b) {
    case (.integer(let a), .integer(let b)): a < b
    case (.number(let a), .number(let b)): a < b
    case (.integer(let a), .number(let b)): Double(a) < b
    case (.number(let a), .integer(let b)): a < Double(b)
    case (.string(let a), .string(let b)): a.lexicographicallyPrecedes(b)
    default: a.keyRank < b.keyRank
    }
  }

  private var keyRank: Int {
    switch self {
    case .integer, .number: 0
    case .string: 1
    case .boolean: 2
    default: 3
    }
  }
}
