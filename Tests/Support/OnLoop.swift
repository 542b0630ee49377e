internal import JobrunModel
internal import JobrunReactor

/// Runs a test's body on the loop, as the program runs: under the reactor's task-executor preference.
public func onLoop<T: Sendable>(_ body: @escaping @Loop @Sendable () async throws -> T) async throws -> T {
  let reactor = Reactor.shared
  return try await withTaskExecutorPreference(reactor) { try await body() }
}
