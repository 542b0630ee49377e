import JobrunModel
import LuaBridge

/// The views of live numbers that scripts hold: the run's at slot 0, a model's at a slot of its own.
@Loop
final class StatisticsViews {
  private let state: LuaState
  private var readers: [any StatisticsReader]
  private var slots: [String: Int] = [:]
  private var types: [String: LuaUserdataType] = [:]
  /// The types of a model's views, by group.
  private var ofModel: [String: LuaUserdataType] = [:]
  /// The run's own views are one value each, so that `stats.items == stats.items`.
  private var ofRun: [String: LuaReference] = [:]

  /// `stats.counters`
  private let counters: LuaReference

  init(_ statistics: any StatisticsReader, counters: Counters, in state: LuaState) {
    self.state = state
    state.main.push(CounterObject.view(of: counters, in: state), slot: 0, generation: 0)
    self.counters = state.reference(popping: state.main)
    readers = [statistics]
    for scope in StatisticsObject.Scope.allCases {
      for group in StatisticsObject.groups(of: scope) { register(group) }
    }
    for group in StatisticsObject.groups(of: .model) { ofModel[group.prefix] = types[group.className] }
    for group in StatisticsObject.groups(of: .run) {
      guard let type = types[group.className] else { continue }
      state.main.push(type, slot: 0, generation: 0)
      ofRun[group.prefix] = state.reference(popping: state.main)
    }
  }

  private func register(_ group: StatisticsObject.Group) {
    let name = group.className
    types[name] = StatisticsObject.object(of: group).register(in: state) { [weak self] call throws(HostError) in
      guard let self, let type = self.types[name] else { throw .message("the run has ended") }
      let (slot, _) = try call.userdata(1, type)
      guard self.readers.indices.contains(slot) else { throw .message("the run has ended") }
      return StatisticsObject.Owner(reader: self.readers[slot], views: self, slot: slot)
    }
  }

  func pushCounters(on thread: LuaThread) { thread.push(counters) }

  func pushRoot(on thread: LuaThread) { push(group: "", slot: 0, on: thread) }

  func push(group prefix: String, slot: Int, on thread: LuaThread) {
    if slot == 0, let view = ofRun[prefix] { return thread.push(view) }
    guard let type = ofModel[prefix] else { return thread.pushNil() }
    thread.push(type, slot: slot, generation: 0)
  }

  /// Pushes the view of a model, or nil while it was not asked.
  func push(model name: String, on thread: LuaThread) {
    if slots[name] == nil, let reader = readers[0].model(name) {
      slots[name] = readers.count
      readers.append(reader)
    }
    if let slot = slots[name] { push(group: "", slot: slot, on: thread) } else { thread.pushNil() }
  }
}
