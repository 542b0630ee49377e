extension HostModule {
  /// A Lua chunk that returns the module's functions written in Lua, each behind its argument checks; nil for none.
  ///
  /// The chunk's argument is the table `host` of the prelude.
  var luaSource: String? {
    let entries = functions.compactMap(\.luaSource)
    guard !entries.isEmpty else { return nil }
    return
      "local host = ...\nlocal bad, type = host.bad_argument, type\nreturn {\n\(entries.joined(separator: "\n"))\n}\n"
  }
}

extension HostEntry {
  fileprivate var luaSource: String? {
    guard case .lua(let statements) = body else { return nil }
    let names = parameters.map { $0.check == .rest ? "..." : $0.name }.joined(separator: ", ")
    let checks = parameters.enumerated().compactMap { position, parameter -> String? in
      guard let (test, expected) = parameter.luaTest else { return nil }
      return "  if \(test) then bad(\(position + 1), \"\(name)\", \"\(parameter.name)\", \"\(expected)\", "
        + "\(parameter.name)) end"
    }
    return "[\"\(name)\"] = function(\(names))\n\(checks.joined(separator: "\n"))\n\(statements)\nend,"
  }
}

extension HostParameter {
  /// The Lua condition under which an argument is refused, and what would be right.
  fileprivate var luaTest: (condition: String, expected: String)? {
    guard let expected = check.expectation else { return nil }
    var condition =
      switch check {
      case .integer: "math.type(\(name)) ~= \"integer\""
      case .stringOrTable: "type(\(name)) ~= \"string\" and type(\(name)) ~= \"table\""
      default: "type(\(name)) ~= \"\(expected)\""
      }
    if isOptional { condition = "\(name) ~= nil and (\(condition))" }
    return (condition, expected)
  }
}
