internal import JobrunModel

/// The models that a run may ask.
public enum ModelTable {
  /// These and no others.
  case named([ModelRoute])
  /// Any name, all over one transport; the route's key is replaced by the name.
  case any(ModelRoute)
}

/// The scopes of a run, each made when it is asked first.
@Loop
final class ScopeTable {
  private var table: ModelTable
  private let keepsGoing: Bool
  private let clock: any MonotonicClock
  private let statistics: RunStatistics
  private let dispatcher: Dispatcher
  private var scopes: [String: ModelScope] = [:]
  /// The scope that was asked last: most jobs have one model.
  private var last: ModelScope?

  init(
    _ table: ModelTable, keepsGoing: Bool, clock: any MonotonicClock, statistics: RunStatistics,
    dispatcher: Dispatcher
  ) {
    self.table = table
    self.keepsGoing = keepsGoing
    self.clock = clock
    self.statistics = statistics
    self.dispatcher = dispatcher
  }

  /// Nil where the job has no such model.
  subscript(model: String) -> ModelScope? {
    if let last, last.route.key == model { return last }
    last = scopes[model] ?? make(model)
    return last
  }

  /// What a model's requests are told apart by beside their bytes; empty for nearly all.
  func identityScope(of model: String) -> String {
    guard case .named(let routes) = table else { return "" }
    return routes.first { $0.key == model }?.identityScope ?? ""
  }

  /// Models that were asked.
  var count: Int { scopes.count }

  /// Changes limits and prices: of the models that were asked, and of those that will be.
  func change(_ settings: RunSettings) {
    switch table {
    case .named(var routes):
      for index in routes.indices { _ = routes[index].change(settings) }
      table = .named(routes)
    case .any(var route):
      _ = route.change(settings)
      table = .any(route)
    }
    for scope in scopes.values { scope.change(settings, at: clock.now) }
    dispatcher.limitsChanged()
  }

  /// Whether the job has such a model.
  func has(_ model: String) -> Bool {
    guard case .named(let routes) = table else { return false }
    return routes.contains { $0.key == model }
  }

  private func make(_ model: String) -> ModelScope? {
    var route: ModelRoute
    switch table {
    case .named(let routes):
      guard let found = routes.first(where: { $0.key == model }) else { return nil }
      route = found
    case .any(let common):
      route = common
      route.key = model
    }
    let scope = ModelScope(
      route, keepsGoing: keepsGoing, statistics: statistics.addModel(model), now: clock.now)
    scopes[model] = scope
    dispatcher.add(scope)
    return scope
  }

  /// All transports, each once.
  var transports: [any ChatTransport] {
    switch table {
    case .named(let routes):
      routes.reduce(into: []) { list, route in
        if !list.contains(where: { $0 === route.transport }) { list.append(route.transport) }
      }
    case .any(let route): [route.transport]
    }
  }
}
