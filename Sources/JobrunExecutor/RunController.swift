internal import JobrunModel

/// What a job's hooks do to the run that they are in.
@Loop
final class RunController: RunControl {
  private var options: ExecutorOptions
  private let dispatcher: Dispatcher
  private let scopes: ScopeTable
  private let room: RoomForItems
  /// Drains the run.
  var stop: (@Loop (RunError) -> Void)?

  init(_ options: ExecutorOptions, dispatcher: Dispatcher, scopes: ScopeTable, room: RoomForItems) {
    self.options = options
    self.dispatcher = dispatcher
    self.scopes = scopes
    self.room = room
  }

  /// Sets other limits of what may be spent.
  var setBudget: (@Loop (BudgetLimits) -> Void)?

  func pause() { dispatcher.hold(true, by: .job) }

  func resume() { dispatcher.hold(false, by: .job) }

  func stop(reason: String) {
    stop?(
      RunError(
        .stopped, "stopped by the job" + (reason.isEmpty ? "" : ": \(reason)"),
        hint: "the requests in flight have ended; the items left over are unfinished"))
  }

  func set(_ settings: RunSettings) throws(RunError) {
    for model in settings.models where !scopes.has(model.key) {
      throw RunError(.job, "models: there is no model \"\(model.key)\"")
    }
    if let budget = settings.budget { setBudget?(budget) }
    if settings.limits != nil || !settings.models.isEmpty { scopes.change(settings) }
    if let concurrency = settings.concurrency { set(concurrency) }
  }

  /// The connections and the room for items grow first, so that every slot can be used.
  private func set(_ concurrency: Concurrency) {
    options.concurrency = concurrency
    for transport in scopes.transports { transport.makeRoom(for: concurrency.maximum) }
    room.resize(options.itemsInFlight, spare: options.spareItems)
    dispatcher.set(concurrency)
  }
}
