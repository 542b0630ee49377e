internal import JobrunModel

/// The live numbers as one JSON object, under the names that scripts know; unknown ones are left out.
@Loop
enum StatisticsJSON {
  /// - Parameter extra: Members that stand behind the numbers, as JSON.
  static func line(_ statistics: any StatisticsReader, extra: [(String, String)] = []) -> String {
    var members: [String] = []
    var group: (name: String, members: [String])?
    func closeGroup() {
      if let open = group { members.append("\"\(open.name)\":{\(open.members.joined(separator: ","))}") }
      group = nil
    }
    for name in StatisticName.allCases {
      guard let value = statistics.value(of: name) else { continue }
      let parts = name.rawValue.split(separator: ".").map(String.init)
      if parts.count == 1 {
        closeGroup()
        members.append("\"\(parts[0])\":\(text(value))")
      } else {
        if group?.name != parts[0] { closeGroup() }
        group = (parts[0], (group?.members ?? []) + ["\"\(parts[1])\":\(text(value))"])
      }
    }
    closeGroup()
    let counters = statistics.counters.map { "\(quoted($0.name)):\(exact($0.value))" }
    if !counters.isEmpty { members.append("\"counters\":{\(counters.joined(separator: ","))}") }
    members += extra.map { "\"\($0.0)\":\($0.1)" }
    return "{" + members.joined(separator: ",") + "}"
  }

  /// A JSON string.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case _ where scalar.value < 0x20:
        let hex = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }

  /// A finite number with all its digits.
  private static func exact(_ value: StatisticValue) -> String {
    switch value {
    case .integer(let number): "\(number)"
    case .number(let number): "\(number)"
    }
  }

  private static func text(_ value: StatisticValue) -> String {
    switch value {
    case .integer(let number): "\(number)"
    case .number(let number): number.isFinite ? Figures.fixed(min(number, 1e12), 6) : "null"
    }
  }
}
