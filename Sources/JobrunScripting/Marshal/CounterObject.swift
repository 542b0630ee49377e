import JobrunModel
import LuaBridge

/// What `jobrun.counter` gives, and `stats.counters`.
enum CounterObject {
  struct Owner {
    var counters: Counters
    /// The counter's place among them.
    var place: Int
  }

  static var object: HostObject<Owner> {
    HostObject(
      name: "counter", className: "JobrunCounter", doc: "A number of the job's own.", fields: [], methods: [add])
  }

  @Loop
  static func type(in state: LuaState, _ services: HostServices) -> LuaUserdataType {
    object.register(in: state) { [weak services] call throws(HostError) in
      guard let services, let type = services.counterType else { throw .message("the run has ended") }
      return Owner(counters: services.counters, place: try call.userdata(1, type).slot)
    }
  }

  /// Pushes the counter of a name, which begins at 0.
  @Loop
  static func push(_ name: String, _ services: HostServices, on thread: LuaThread) throws(HostError) {
    guard !name.isEmpty, name.utf8.count <= Counters.longestName,
      !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
    else {
      throw .message(
        "counter: a name of 1 to \(Counters.longestName) bytes without control characters expected, got "
          + LuaValue.string(Array(name.utf8)).described)
    }
    guard let type = services.counterType else { throw .message("the run has ended") }
    guard let place = services.counters.place(of: name) else {
      throw .message("counter: there are \(Counters.most) counters already; a name for each item is too many")
    }
    thread.push(type, slot: place, generation: 0)
  }

  private static var add: HostEntry<Owner> {
    HostEntry(
      "add", [HostParameter("n", .number, isOptional: true)], "Adds a finite number, 1 without one.",
      body: .swift { owner, call throws(HostError) in
        switch call.count < 2 ? .nil : call.thread.value(at: 2) {
        case .integer(let number): owner.counters.add(.integer(number), at: owner.place)
        case .number(let number) where number.isFinite: owner.counters.add(.number(number), at: owner.place)
        case .nil: owner.counters.add(.integer(1), at: owner.place)
        case let value: throw .message("add: finite number expected, got \(value.described)")
        }
        return .values(0)
      })
  }

  /// The type of `stats.counters`: a number for each name that was used, an error for any other.
  @Loop
  static func view(of counters: Counters, in state: LuaState) -> LuaUserdataType {
    let get = HostFunction("stats.counters") { call throws(HostError) in
      let name = call.thread.string(at: 2) ?? call.thread.describe(at: 2)
      guard let value = counters.value(of: name) else {
        throw .message(
          "there is no counter \"\(name)\"" + NameSuggestion.hint(for: name, among: counters.all.map(\.name))
            + "; jobrun.counter(name) declares one")
      }
      StatisticsObject.push(value, on: call.thread)
      return .values(1)
    }
    return state.userdataType(name: "stats.counters", methods: [], get: get, set: nil, tostring: nil)
  }
}
