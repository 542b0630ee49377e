import LuaBridge

extension HostEntry {
  /// Checks the arguments of a call against the entry's parameters.
  ///
  /// - Parameter offset: Arguments before the first parameter: 1 for the object of a method.
  func checkArguments(of call: HostCall, offset: Int32 = 0) throws(HostError) {
    var index = offset
    for parameter in parameters {
      index += 1
      guard let expected = parameter.check.expectation else { continue }
      let type = call.thread.type(at: index)
      if parameter.isOptional, type == .none || type == .nil { continue }
      if parameter.check.accepts(call.thread, at: index, type: type) { continue }
      let got = type == .none ? "nothing" : call.thread.describe(at: index)
      throw .message(
        "bad argument #\(index - offset) to '\(name)' (\(parameter.name): \(expected) expected, got \(got))")
    }
  }
}

extension HostParameter.Check {
  fileprivate func accepts(_ thread: LuaThread, at index: Int32, type: LuaType) -> Bool {
    switch self {
    case .any, .rest: true
    case .string: type == .string
    case .number: type == .number
    case .integer: type == .number && thread.integer(at: index) != nil
    case .table: type == .table
    case .stringOrTable: type == .string || type == .table
    }
  }
}
