/// A log of what was charged during the last span: together never more than the capacity.
///
/// What alone is larger than the capacity fits only where the log is empty, and stays in it for as much longer.
struct SlidingWindow: RateWindow {
  private struct Entry {
    var until: Duration
    var cost: Double
  }

  let span: Duration
  let capacity: Double
  /// In the order of their ends; those before `first` are over.
  private var entries: [Entry] = []
  private var first = 0
  private var sum = 0.0

  init(span: Duration, capacity: Double) {
    self.span = span
    self.capacity = capacity
  }

  private mutating func forget(at now: Duration) {
    while first < entries.count, entries[first].until <= now {
      sum -= entries[first].cost
      first += 1
    }
    if first == entries.count {
      entries.removeAll(keepingCapacity: true)
      (first, sum) = (0, 0)
    } else if first > 1024, first > entries.count / 2 {
      entries.removeFirst(first)
      first = 0
    }
  }

  mutating func wait(for cost: Double, at now: Duration) -> Duration {
    forget(at: now)
    var (rest, index, until) = (sum, first, now)
    while rest + cost > capacity, index < entries.count {
      rest -= entries[index].cost
      until = entries[index].until
      index += 1
    }
    return until - now
  }

  mutating func charge(_ cost: Double, isRefused: Bool, at now: Duration) {
    forget(at: now)
    let until = now + span * max(1, cost / capacity)
    entries.append(Entry(until: max(until, entries.last?.until ?? until), cost: cost))
    sum += cost
  }

  mutating func rest(at now: Duration) -> (remaining: Double, reset: Duration) {
    forget(at: now)
    return (max(0, capacity - sum), entries.last.map { $0.until - now } ?? .zero)
  }
}
