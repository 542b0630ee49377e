public import JobrunModel
import LuaBridge

/// The `--param KEY=VALUE` of a command line. A value takes the type of the job's own in `params`.
public struct ParameterOverrides: Sendable, Equatable {
  private(set) var pairs: [(name: String, value: String)] = []

  public init() {}

  /// - Parameter arguments: The texts behind each `--param`; the last of a name counts.
  public init(_ arguments: [String]) throws(RunError) {
    for argument in arguments {
      guard let sign = argument.firstIndex(of: "="), sign != argument.startIndex else {
        throw RunError(.usage, "--param \(argument): KEY=VALUE expected")
      }
      pairs.append((String(argument[..<sign]), String(argument[argument.index(after: sign)...])))
    }
  }

  public static func == (a: Self, b: Self) -> Bool { a.pairs.elementsEqual(b.pairs, by: ==) }

  /// The values by name, in the types of `defaults`.
  func values(for defaults: LuaTableValue?) throws(RunError) -> [(name: String, value: LuaValue)] {
    let known = defaults?.entries.compactMap(\.key.text) ?? []
    var values: [(name: String, value: LuaValue)] = []
    for (name, text) in pairs {
      guard let fallback = defaults?[name] else {
        let hint = known.isEmpty ? "the job has no params" : "known are: \(known.joined(separator: ", "))"
        throw RunError(.usage, "--param \(name): no such parameter", hint: hint)
      }
      values.append((name, try Self.value(of: text, like: fallback, name: name)))
    }
    return values
  }

  private static func value(of text: String, like fallback: LuaValue, name: String) throws(RunError) -> LuaValue {
    func wrong(_ expected: String) -> RunError {
      RunError(.usage, "--param \(name): \(expected) expected, got \"\(text)\"")
    }
    switch fallback {
    case .string: return .string(Array(text.utf8))
    case .integer:
      guard let number = Int(text) else { throw wrong("whole number") }
      return .integer(number)
    case .number:
      guard let number = Double(text), number.isFinite else { throw wrong("number") }
      return .number(number)
    case .boolean:
      guard let value = Bool(text) else { throw wrong("true or false") }
      return .boolean(value)
    default:
      throw RunError(.usage, "--param \(name): the job's value is \(fallback.described), which cannot be set here")
    }
  }
}
