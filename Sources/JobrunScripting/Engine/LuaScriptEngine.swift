public import JobrunModel
import LuaBridge

/// The engine of job files: runs their hooks, each item's on a coroutine of its own.
@Loop
public final class LuaScriptEngine: ScriptEngine {
  let job: JobFile
  let hooks: HookSet
  private(set) var requestBuilder: RequestBuilder
  let rowEncoder: RowEncoder
  let inputPath: String?
  let outputPath: String?

  public weak var control: (any RunControl)?

  private let statistics: any StatisticsReader
  /// The field of an item that is its id.
  let idKey: String
  /// The items come from the job's function `input`.
  let isInputFunction: Bool
  private(set) var items: [RunningItem] = []
  private var freeSlots: [Int] = []

  // What scripts see of the engine. Set once by `registerTypes`.
  private(set) var contextType: LuaUserdataType?
  private(set) var replyMetatable: LuaReference?
  private var runType: LuaUserdataType?
  private var runObject: LuaReference?
  private var statisticsViews: StatisticsViews?
  let errorType: ErrorType
  /// The job's `schema`.
  let schema: AnswerSchema?
  /// What the `finish` hooks want written beside the output; of equal names the last wins.
  public internal(set) var files: [(name: String, contents: [UInt8])] = []
  /// The item that stands for the run while `setup` or `finish` runs.
  weak var runItem: RunningItem?

  var state: LuaState { job.world.state }
  var services: HostServices { job.world.services }
  var hookBudget: Duration { job.spec.hook.timeout }

  /// Makes the engine of a job file; a job file serves one engine.
  ///
  /// - Throws: `RunError` with `.usage` where an override does not fit the job.
  public init(job: JobFile, configuration: ScriptConfiguration) throws(RunError) {
    if job.isTaken { throw RunError(.internal, "\(job.displayPath): the job file has an engine already") }
    job.isTaken = true
    self.job = job
    hooks = job.hooks
    requestBuilder = RequestBuilder(
      defaults: job.defaults,
      models: ModelNames(configuration.model.map { [$0] } ?? job.spec.model, models: job.spec.models),
      isChangedLater: !hooks.onRequest.isEmpty,
      forms: WireForms(standard: configuration.api, apis: configuration.apis, in: job.world.state))
    rowEncoder = RowEncoder(columns: (configuration.output ?? job.spec.output)?.columns ?? [])
    let input = configuration.input ?? job.spec.input
    inputPath = input.flatMap { $0.path.isEmpty ? nil : $0.path }
    outputPath = (configuration.output ?? job.spec.output)?.path
    idKey = input?.idKey ?? "id"
    isInputFunction = input?.origin == .function
    statistics = configuration.statistics
    errorType = ErrorType(in: job.world.state)
    schema = job.schema
    try set(configuration.parameters)
    registerTypes()
  }

  /// Puts the overrides into the job's own table, so that every part of the script sees them.
  private func set(_ overrides: ParameterOverrides) throws(RunError) {
    let main = state.main
    main.push(job.parameters)
    defer { main.pop() }
    for (name, value) in try overrides.values(for: main.value(at: -1, depth: 1).table) {
      main.push(value)
      main.setField(name)
    }
  }

  private func registerTypes() {
    let context = ContextObject.object.register(in: state) { [weak self] call throws(HostError) in
      guard let self else { throw .message("the run has ended") }
      return ContextObject.Owner(engine: self, item: try self.item(ofContextAt: 1, of: call))
    }
    contextType = context
    replyMetatable = ReplyType.metatable(in: state, forms: requestBuilder.forms) { [weak self] call throws(HostError) in
      guard let self else { throw .message("the run has ended") }
      let item = try self.item(ofContextAt: call.thread.top, of: call)
      let ask = call.thread.field(ReplyType.askKey, of: 1) == .number ? call.thread.integer(at: -1) ?? 1 : 1
      call.thread.pop()
      return ReplySource(item, ask: ask)
    }
    runObject = singleton(RunObject.object)
    statisticsViews = StatisticsViews(statistics, counters: services.counters, in: state)
  }

  /// The one value of a type that stands for the engine.
  private func singleton(_ object: HostObject<LuaScriptEngine>) -> LuaReference {
    let type = object.register(in: state) { [weak self] call throws(HostError) in
      guard let self, let type = self.runType else { throw .message("the run has ended") }
      _ = try call.userdata(1, type)
      return self
    }
    runType = type
    state.main.push(type, slot: 0, generation: 0)
    return state.reference(popping: state.main)
  }

  /// The item of a `ctx`; raises once it has ended.
  private func item(ofContextAt index: Int32, of call: HostCall) throws(HostError) -> RunningItem {
    guard let contextType else { throw .message("the run has ended") }
    let (slot, generation) = try call.userdata(index, contextType)
    guard items.indices.contains(slot), items[slot].isActive, items[slot].generation == generation else {
      throw .message("the item has ended")
    }
    return items[slot]
  }

  // MARK: - Slots

  func takeItem() -> RunningItem {
    if let slot = freeSlots.popLast() { return items[slot] }
    let item = RunningItem(slot: items.count)
    items.append(item)
    return item
  }

  /// Forgets the item and gives its coroutine back.
  func release(_ item: RunningItem) {
    guard item.isActive else { return }
    for coroutine in item.removeCalls() { state.coroutines.put(coroutine) }
    if let coroutine = item.end() { state.coroutines.put(coroutine) }
    freeSlots.append(item.slot)
  }

  /// The models of requests rendered from now on; an item that asks again keeps the model it had.
  func ask(_ models: [String]) { requestBuilder.models = requestBuilder.models.with(models) }

  // MARK: - What scripts read

  func pushParameters(on thread: LuaThread) { thread.push(job.parameters) }

  func pushState(of item: RunningItem, on thread: LuaThread) {
    if let state = item.state { return thread.push(state) }
    thread.newTable()
    thread.pushCopy(at: -1)
    item.state = state.reference(popping: thread)
  }

  func pushRun(on thread: LuaThread) { push(runObject, on: thread) }

  func pushStatistics(on thread: LuaThread) {
    if let statisticsViews { statisticsViews.pushRoot(on: thread) } else { thread.pushNil() }
  }

  private func push(_ reference: LuaReference?, on thread: LuaThread) {
    if let reference { thread.push(reference) } else { thread.pushNil() }
  }

  func log(_ message: String) { services.host.log(.info, message) }
}
