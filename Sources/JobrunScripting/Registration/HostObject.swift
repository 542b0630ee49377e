import JobrunModel
import LuaBridge

/// An object that the host gives to scripts: its fields and methods. One declaration gives the Lua type, the
/// argument checks, the editor types and the reference.
struct HostObject<Owner> {
  /// The name in messages, such as `ctx`.
  var name: String
  /// The name in LuaCATS.
  var className: String
  var doc: String
  var fields: [HostField<Owner>]
  var methods: [HostEntry<Owner>] = []
}

/// A field that is made when a script reads it.
struct HostField<Owner> {
  var spec: FieldSpec
  /// Pushes one value.
  var push: @Loop (Owner, LuaThread) throws(HostError) -> Void

  init(
    _ name: String, _ type: String, _ doc: String, push: @escaping @Loop (Owner, LuaThread) throws(HostError) -> Void
  ) {
    spec = FieldSpec(name, .host(type), doc)
    self.push = push
  }
}

/// Host fields by name, made for few names and frequent look-ups.
struct HostFieldTable<Owner> {
  private let names: [[UInt8]]
  private let fields: [HostField<Owner>]
  private let owner: String
  private let others: [String]

  /// - Parameter others: Names of the object's methods, for suggestions.
  init(_ fields: [HostField<Owner>], owner: String, others: [String] = []) {
    names = fields.map { Array($0.spec.name.utf8) }
    self.fields = fields
    self.owner = owner
    self.others = others
  }

  /// The field whose name is the string at `index`; an unknown name is an error with a suggestion.
  func field(named index: Int32, of call: HostCall) throws(HostError) -> HostField<Owner> {
    let position = call.thread.withBytes(at: index) { key in
      names.firstIndex { $0.count == key.count && $0.elementsEqual(key) }
    }
    if case .some(.some(let position)) = position { return fields[position] }
    throw unknown(call.thread.string(at: index) ?? call.thread.describe(at: index))
  }

  private func unknown(_ name: String) -> HostError {
    let known = fields.map(\.spec.name) + others
    return .message("\(owner) has no field \"\(name)\"\(NameSuggestion.hint(for: name, among: known))")
  }
}

extension HostObject {
  /// Makes the userdata type.
  ///
  /// - Parameter resolve: Finds the owner of the userdata that is the first argument; throws where it is gone.
  @Loop
  func register(
    in state: LuaState, resolve: @escaping (HostCall) throws(HostError) -> Owner
  ) -> LuaUserdataType {
    let table = HostFieldTable(fields, owner: name, others: methods.map(\.name))
    let functions = methods.compactMap { method -> HostFunction? in
      guard case .swift(let body) = method.body else { return nil }
      return HostFunction(method.name) { call throws(HostError) in
        let owner = try resolve(call)
        try method.checkArguments(of: call, offset: 1)
        return try body(owner, call)
      }
    }
    let get = HostFunction(name) { call throws(HostError) in
      let owner = try resolve(call)
      try table.field(named: 2, of: call).push(owner, call.thread)
      return .values(1)
    }
    return state.userdataType(name: name, methods: functions, get: get, set: nil, tostring: nil)
  }
}
