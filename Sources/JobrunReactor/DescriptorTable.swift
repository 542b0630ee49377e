/// Which descriptors are watched by whom, and what the kernel was told.
///
/// The kernel is told lazily: that nobody waits any more is left unsaid until a useless event comes. A connection
/// that carries one request after another so costs no system call for being watched.
struct DescriptorTable {
  private struct Entry {
    var source: (any EventSource)?
    var wanted: Readiness = []
    var registered: Readiness = []
  }

  private var entries: [Entry] = []

  /// Notes what `source` waits for.
  /// - Returns: The interest that the kernel must be told, or nil where it knows enough.
  mutating func watch(_ descriptor: Int32, for wanted: Readiness, source: any EventSource) -> Readiness? {
    let index = Int(descriptor)
    while entries.count <= index { entries.append(Entry()) }
    entries[index].source = source
    entries[index].wanted = wanted
    guard !wanted.isSubset(of: entries[index].registered) else { return nil }
    entries[index].registered = wanted
    return wanted
  }

  /// Notes that nobody waits for the descriptor, which stays open.
  mutating func unwatch(_ descriptor: Int32) {
    guard Int(descriptor) < entries.count else { return }
    entries[Int(descriptor)].wanted = []
    entries[Int(descriptor)].source = nil
  }

  /// Notes that the descriptor is about to be closed; the kernel forgets it then by itself.
  mutating func forget(_ descriptor: Int32) {
    guard Int(descriptor) < entries.count else { return }
    entries[Int(descriptor)] = Entry()
  }

  /// Answers an event.
  /// - Returns: Whom to call with what, or the interest that the kernel must be told instead, because nobody waits
  ///   for what came.
  mutating func dispatch(_ descriptor: Int32, _ ready: Readiness) -> Dispatch {
    guard Int(descriptor) < entries.count else { return .tell([]) }
    let entry = entries[Int(descriptor)]
    let useful = ready.intersection(entry.wanted.union(.error))
    if let source = entry.source, !entry.wanted.isEmpty, !useful.isEmpty { return .call(source, useful) }
    entries[Int(descriptor)].registered = entry.wanted
    return .tell(entry.wanted)
  }

  enum Dispatch {
    case call(any EventSource, Readiness)
    case tell(Readiness)
  }
}
