import JobrunModel
import LuaBridge

/// A table of functions and values for scripts. One declaration gives the Lua functions, the argument checks, the
/// editor types and the reference.
struct HostModule {
  /// The name in Lua, such as `jobrun.json`.
  var name: String
  var doc: String
  var functions: [HostEntry<HostServices>]
  var values: [HostValue] = []
}

/// A function of a module, or a method of a host object; `Owner` is what its body works on.
struct HostEntry<Owner> {
  enum Body {
    case swift(@Loop (Owner, HostCall) throws(HostError) -> HostResult)
    /// A Lua function's statements; its parameters have the entry's names, `host` is the table of the prelude.
    case lua(String)
  }

  var name: String
  var parameters: [HostParameter]
  /// What it returns, in LuaCATS; nil for nothing.
  var returns: String?
  var doc: String
  var body: Body

  init(_ name: String, _ parameters: [HostParameter], returns: String? = nil, _ doc: String, body: Body) {
    self.name = name
    self.parameters = parameters
    self.returns = returns
    self.doc = doc
    self.body = body
  }
}

/// A parameter of a function.
struct HostParameter {
  /// What the check before the body accepts.
  enum Check {
    case any, string, number, integer, table, stringOrTable
    /// Any number of further arguments of any type.
    case rest
  }

  var name: String
  var check: Check
  var isOptional: Bool
  /// The type in LuaCATS.
  var type: String

  init(_ name: String, _ check: Check, isOptional: Bool = false, type: String? = nil) {
    self.name = name
    self.check = check
    self.isOptional = isOptional
    self.type = type ?? check.luaType
  }
}

extension HostParameter.Check {
  fileprivate var luaType: String {
    switch self {
    case .any, .rest: "any"
    case .string: "string"
    case .number: "number"
    case .integer: "integer"
    case .table: "table"
    case .stringOrTable: "string|table"
    }
  }

  /// What an error message says is right; nil where everything is.
  var expectation: String? {
    switch self {
    case .any, .rest: nil
    case .stringOrTable: "string or table"
    default: luaType
    }
  }
}

/// A constant of a module.
struct HostValue {
  var name: String
  /// The type in LuaCATS.
  var type: String
  var doc: String
  var push: @Loop (HostServices, LuaThread) -> Void

  init(_ name: String, type: String, _ doc: String, push: @escaping @Loop (HostServices, LuaThread) -> Void) {
    self.name = name
    self.type = type
    self.doc = doc
    self.push = push
  }
}
