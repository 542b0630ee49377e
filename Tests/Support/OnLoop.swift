internal import JobrunModel
internal import JobrunReactor

/// Runs a test's body on the loop, as the program runs: under the reactor's task-executor preference.
public func onLoop<T: Sendable>(_ body: @escaping @Loop @Sendable () async throws -> T) async throws -> T {
  let reactor = Reactor.shared
  return try await withTaskExecutorPreference(reactor) { try await body() }
}

/// Counts the jobs that other threads hand to the loop while `body` runs.
///
/// Tests of other suites run meanwhile and hand over some of theirs, so the least of several counts is returned: code
/// that crosses threads once an item does so every time.
@Loop
public func leastThreadCrossings(enough: Int = 0, tries: Int = 40, _ body: @Loop () async -> Void) async -> Int {
  var least = Int.max
  for _ in 0..<tries where least > enough {
    let before = Reactor.shared.remoteEnqueueCount
    await body()
    least = min(least, Reactor.shared.remoteEnqueueCount - before)
  }
  return least
}
