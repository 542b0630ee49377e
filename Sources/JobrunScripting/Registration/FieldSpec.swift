/// A field of a table that crosses to or from a script: one entry gives the check, the editor type and the reference.
struct FieldSpec: Sendable {
  var name: String
  var type: FieldType
  var isRequired: Bool
  var doc: String

  init(_ name: String, _ type: FieldType, isRequired: Bool = false, _ doc: String) {
    self.name = name
    self.type = type
    self.isRequired = isRequired
    self.doc = doc
  }
}

/// What a field's value may be.
indirect enum FieldType: Sendable {
  case any
  /// A string that is not empty.
  case string
  case boolean
  /// A finite number above zero.
  case positiveNumber
  /// A finite number, zero or above.
  case nonNegativeNumber
  /// An integer, or a float with an integer's value.
  case wholeNumber(ClosedRange<Int>)
  case oneOf([String])
  /// A table with these fields and no others, known to editors as `className`.
  case table(className: String, [FieldSpec])
  /// A table with strings as keys.
  case map(FieldType)
  case list(FieldType)
  case either([FieldType])
  case hook(Hook)
  /// A function with this signature in LuaCATS.
  case function(String)
  /// A value that only the host makes, known to editors as this type.
  case host(String)
}

extension FieldType {
  /// What an error message says is right, before `expected`.
  var expectation: String {
    switch self {
    case .any: "a value"
    case .string: "string"
    case .boolean: "boolean"
    case .positiveNumber: "positive number"
    case .nonNegativeNumber: "number of 0 or above"
    case .wholeNumber(let range): "whole number from \(range.lowerBound) to \(range.upperBound)"
    case .oneOf(let names): names.map { "\"\($0)\"" }.joined(separator: " or ")
    case .table, .map: "table"
    case .list: "list"
    case .either(let types): types.map(\.expectationAmongOthers).joined(separator: " or ")
    case .hook, .function: "function"
    case .host(let type): type
    }
  }

  private var expectationAmongOthers: String {
    guard case .table(_, let fields) = self else { return expectation }
    return "{\(fields.map(\.name).joined(separator: ", "))}"
  }

  /// The type in LuaCATS.
  var luaType: String {
    switch self {
    case .any: "any"
    case .string: "string"
    case .boolean: "boolean"
    case .positiveNumber, .nonNegativeNumber: "number"
    case .wholeNumber: "integer"
    case .oneOf(let names): names.map { "\"\($0)\"" }.joined(separator: "|")
    case .table(let className, _): className
    case .map(let value): "table<string, \(value.luaType)>"
    case .list(let element): "\(element.luaType)[]"
    case .either(let types): types.map(\.luaType).joined(separator: "|")
    case .hook(let hook): hook.signature
    case .function(let signature): signature
    case .host(let type): type
    }
  }
}
