import JobrunModel
import LuaBridge

/// Marks the empty tables of a schema that can only be lists: Lua writes `{}` for both, and providers refuse
/// `"required": {}`.
@Loop
enum SchemaLists {
  private static let lists = ["required", "enum", "examples", "prefixItems"]
  private static let schemas = [
    "items", "additionalProperties", "additionalItems", "contains", "propertyNames", "not", "if", "then", "else",
  ]
  private static let listsOfSchemas = ["allOf", "anyOf", "oneOf", "prefixItems"]
  private static let mapsOfSchemas = ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"]
  /// Tables that contain themselves are refused later.
  private static let mostNested = 100

  /// Stack: [.., schema, ..] -> same
  static func mark(schemaAt index: Int32, on thread: LuaThread, depth: Int = 0) {
    guard depth < mostNested, thread.type(at: index) == .table, thread.ensureStack(8) else { return }
    for name in lists {
      if thread.field(name, of: index) == .table, ScriptTable.isEmpty(thread.top, on: thread) {
        thread.markArray(at: -1)
      }
      thread.pop()
    }
    for name in schemas {
      thread.field(name, of: index)
      mark(schemaAt: thread.top, on: thread, depth: depth + 1)
      thread.pop()
    }
    for name in listsOfSchemas {
      thread.field(name, of: index)
      for position in 0..<thread.rawLength(at: -1) {
        thread.index(position + 1, of: thread.top)
        mark(schemaAt: thread.top, on: thread, depth: depth + 1)
        thread.pop()
      }
      thread.pop()
    }
    for name in mapsOfSchemas {
      if thread.field(name, of: index) == .table {
        var walk = ScriptTable.Walk(thread.top, on: thread)
        while walk.next() { mark(schemaAt: thread.top, on: thread, depth: depth + 1) }
      }
      thread.pop()
    }
  }
}
