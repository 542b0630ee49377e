import LuaBridge

/// A JSON Schema made ready to check values, as often as wanted.
///
/// The keywords are those of draft 2020-12 and, where they mean the same, of draft 4 to 7, and OpenAPI's `nullable`.
/// Annotations such as `format` do not count. What would change the meaning but is not known is an error here.
struct SchemaCheck: Sendable {
  /// Owns the nodes that `schemas` refer to.
  private let tape: JSONTape
  private let schemas: [SchemaNode]

  /// - Parameter json: The schema. An empty object stands for an empty list, too: it may come from Lua.
  init(schema json: [UInt8]) throws(SchemaError) {
    let tape: JSONTape
    do throws(LuaJSONError) {
      tape = try JSONTape(json)
    } catch {
      throw SchemaError(problems: [.init(pointer: "", message: "not JSON: \(error.placed)")])
    }
    schemas = try tape.withRoot { root throws(SchemaError) in
      var compiler = SchemaCompiler(root: root)
      return try compiler.compile()
    }
    self.tape = tape
  }

  /// What is wrong with a JSON text, as `/items/3/price: number expected, got string "12"`; empty: it fits.
  ///
  /// At most 20, then `and N more`. A check whose cost has no bound in the value's size is given up, which is a problem.
  func problems(of json: [UInt8]) -> [String] {
    do throws(LuaJSONError) {
      return problems(of: try JSONTape(json))
    } catch {
      return ["not JSON: \(error.placed)"]
    }
  }

  /// The same for a value; an empty Lua table without a mark fits as a list and as an object.
  func problems(of value: JSONTape) -> [String] {
    defer { withExtendedLifetime(tape) {} }
    return value.withRoot { root in
      var evaluation = SchemaEvaluation(schemas: schemas, root: root, isOfLua: value.isOfLua)
      return evaluation.problems(of: root)
    }
  }
}

extension LuaJSONError {
  /// The message with the byte where it is known.
  fileprivate var placed: String { offset.map { "\(message) (at byte \($0))" } ?? message }
}
