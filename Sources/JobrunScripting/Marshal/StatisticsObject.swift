import JobrunModel
import LuaBridge

/// `stats` and the tables inside it: a read-only view of the live numbers.
///
/// The names are those of `StatisticName`: `items.ok` is the field `ok` of `stats.items`.
enum StatisticsObject {
  /// A group of numbers, or the root where `prefix` is empty.
  struct Group {
    var prefix: String
    var names: [(field: String, statistic: StatisticName)]

    var className: String {
      "JobrunStats" + prefix.split(separator: "_").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
  }

  /// The root first, then the groups in the order of their names in `StatisticName`.
  static var groups: [Group] {
    var groups = [Group(prefix: "", names: [])]
    for statistic in StatisticName.allCases {
      let parts = statistic.rawValue.split(separator: ".", maxSplits: 1).map(String.init)
      let (prefix, field) = parts.count == 2 ? (parts[0], parts[1]) : ("", parts[0])
      if let position = groups.firstIndex(where: { $0.prefix == prefix }) {
        groups[position].names.append((field, statistic))
      } else {
        groups.append(Group(prefix: prefix, names: [(field, statistic)]))
      }
    }
    return groups
  }

  /// The object of a group. `stats` and `stats.latency` have a method or fields more than the numbers.
  static func object(of group: Group) -> HostObject<LuaScriptEngine> {
    let isRoot = group.prefix.isEmpty
    var fields = group.names.map { field, statistic in
      HostField<LuaScriptEngine>(
        field, (statistic.isInteger ? "integer" : "number") + (statistic.isUnknownAtTimes ? "?" : ""),
        statistic.meaning
      ) { engine, thread in engine.push(statistic, on: thread) }
    }
    if isRoot {
      for inner in groups.dropFirst() {
        fields.append(
          HostField(inner.prefix, inner.className, "The numbers of \(inner.prefix).") { engine, thread in
            engine.pushStatistics(group: inner.prefix, on: thread)
          })
      }
    }
    return HostObject(
      name: isRoot ? "stats" : "stats.\(group.prefix)", className: group.className,
      doc: isRoot ? "The run's live numbers, read-only. Copy a number to compare it later." : "Part of `stats`.",
      fields: fields, methods: group.prefix == "latency" ? [percentile] : [])
  }

  private static var percentile: HostEntry<LuaScriptEngine> {
    HostEntry(
      "percentile", [HostParameter("n", .number)], returns: "number?",
      "The latency in seconds below which `n` percent (0-100) of the answers stayed; nil before the first.",
      body: .swift { engine, call throws(HostError) in
        guard let n = call.thread.double(at: 2), (0...100).contains(n) else {
          throw .message("percentile: number from 0 to 100 expected, got \(call.thread.describe(at: 2))")
        }
        if let seconds = engine.latency(percentile: n) { call.thread.push(seconds) } else { call.thread.pushNil() }
        return .values(1)
      })
  }
}

extension StatisticName {
  /// Whether the number is nil for a while, or for ever.
  fileprivate var isUnknownAtTimes: Bool {
    switch self {
    case .itemsTotal, .eta, .latencyP50, .latencyP90, .latencyP95, .latencyP99, .latencyMean, .latencyMax: true
    default: false
    }
  }
}
