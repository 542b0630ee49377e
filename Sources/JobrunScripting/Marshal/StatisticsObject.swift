import JobrunModel
import LuaBridge

/// `stats` and the tables inside it: a read-only view of the live numbers, of the run or of one model.
///
/// The names are those of `StatisticName`: `items.ok` is the field `ok` of `stats.items`.
enum StatisticsObject {
  /// What fields and methods work on: some numbers, and where the views of others are found.
  struct Owner {
    var reader: any StatisticsReader
    var views: StatisticsViews
    /// The reader's place among the views.
    var slot: Int
  }

  /// Whose numbers a view shows.
  enum Scope: CaseIterable {
    case run, model

    fileprivate var className: String { self == .run ? "JobrunStats" : "JobrunModelStats" }
    fileprivate var name: String { self == .run ? "stats" : "stats.models.<name>" }
    fileprivate func has(_ name: StatisticName) -> Bool { self == .run || name.isPerModel }
  }

  /// A group of numbers, or the root where `prefix` is empty.
  struct Group {
    var scope: Scope
    var prefix: String
    var names: [(field: String, statistic: StatisticName)]

    var className: String {
      scope.className + prefix.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
  }

  /// The root first, then the groups in the order of their names in `StatisticName`.
  static func groups(of scope: Scope) -> [Group] {
    var groups = [Group(scope: scope, prefix: "", names: [])]
    for statistic in StatisticName.allCases where scope.has(statistic) {
      let parts = statistic.rawValue.split(separator: ".", maxSplits: 1).map(String.init)
      let (prefix, field) = parts.count == 2 ? (parts[0], parts[1]) : ("", parts[0])
      if let position = groups.firstIndex(where: { $0.prefix == prefix }) {
        groups[position].names.append((field, statistic))
      } else {
        groups.append(Group(scope: scope, prefix: prefix, names: [(field, statistic)]))
      }
    }
    return groups
  }

  /// The object of a group. `stats` and `stats.latency` have a method or fields more than the numbers.
  static func object(of group: Group) -> HostObject<Owner> {
    let isRoot = group.prefix.isEmpty
    var fields = group.names.map { field, statistic in
      HostField<Owner>(
        field, (statistic.isInteger ? "integer" : "number") + (statistic.isUnknownAtTimes ? "?" : ""),
        statistic.meaning
      ) { owner, thread in push(owner.reader.value(of: statistic), on: thread) }
    }
    if isRoot {
      for inner in groups(of: group.scope).dropFirst() {
        fields.append(
          HostField(inner.prefix, inner.className, "The numbers of \(inner.prefix).") { owner, thread in
            owner.views.push(group: inner.prefix, slot: owner.slot, on: thread)
          })
      }
      if group.scope == .run { fields += [models, counters] }
    }
    return HostObject(
      name: isRoot ? group.scope.name : "\(group.scope.name).\(group.prefix)", className: group.className,
      doc: isRoot && group.scope == .run
        ? "The run's live numbers, read-only. Copy a number to compare it later." : "Part of `stats`.",
      fields: fields, methods: percentiles(of: group.prefix))
  }

  private static var models: HostField<Owner> {
    HostField("models", "table<string, JobrunModelStats>", "The numbers of each model that was asked.") {
      owner, thread in
      thread.newTable()
      for name in owner.reader.modelNames {
        owner.views.push(model: name, on: thread)
        thread.setField(name)
      }
    }
  }

  private static var counters: HostField<Owner> {
    HostField("counters", "table<string, number>", "The numbers of `jobrun.counter`; 0 before the first `add`.") {
      owner, thread in
      owner.views.pushCounters(on: thread)
    }
  }

  @Loop
  static func push(_ value: StatisticValue?, on thread: LuaThread) {
    switch value {
    case .integer(let value): thread.push(value)
    case .number(let value): thread.push(value)
    case nil: thread.pushNil()
    }
  }

  private static func percentiles(of group: String) -> [HostEntry<Owner>] {
    switch group {
    case "latency": [percentile("latency") { $0.latency(percentile: $1) }]
    case "first_token": [percentile("time to the first piece of text") { $0.firstToken(percentile: $1) }]
    default: []
    }
  }

  private static func percentile(
    _ what: String, _ value: @escaping @Loop (any StatisticsReader, Double) -> Double?
  ) -> HostEntry<Owner> {
    HostEntry(
      "percentile", [HostParameter("n", .number)], returns: "number?",
      "The \(what) in seconds below which `n` percent (0-100) of the answers stayed; nil before the first.",
      body: .swift { owner, call throws(HostError) in
        guard let n = call.thread.double(at: 2), (0...100).contains(n) else {
          throw .message("percentile: number from 0 to 100 expected, got \(call.thread.describe(at: 2))")
        }
        let seconds = value(owner.reader, n)
        if let seconds { call.thread.push(seconds) } else { call.thread.pushNil() }
        return .values(1)
      })
  }
}
