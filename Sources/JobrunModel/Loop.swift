/// The one isolation domain of a run: everything an item touches happens on the loop.
///
/// Its executor is the reactor's, installed once at start-up; this module does not know which. So code
/// isolated to `@Loop` needs no lock, and a call within the domain costs no thread hop.
@globalActor
public actor Loop {
  public static let shared = Loop()

  // Safety: written once by `install`, before any code isolated to the loop can run; only read afterwards.
  private nonisolated(unsafe) static var installed: UnownedSerialExecutor?

  /// Makes `executor` the loop's. Call it once, before the first use of `@Loop`; the executor must live for ever.
  public static func install(_ executor: some SerialExecutor) {
    precondition(installed == nil, "the loop has an executor already")
    installed = executor.asUnownedSerialExecutor()
  }

  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    guard let executor = Self.installed else { preconditionFailure("no reactor was installed for the loop") }
    return executor
  }
}

extension Loop {
  /// Runs synchronous loop code from a function that the compiler does not know to be on the loop: a C callback,
  /// the reactor's own thread. A debug build traps where the caller is wrong; the check costs a release build too
  /// much in callbacks that come a dozen times a request.
  @inlinable
  public static func assumeIsolated<T>(_ operation: @Loop () throws -> T) rethrows -> T {
    assert(
      {
        shared.preconditionIsolated()
        return true
      }())
    // Safety: the precondition makes the cast to a function without isolation true; the standard library's
    // MainActor.assumeIsolated does the same.
    return try withoutActuallyEscaping(operation) { (escaping: @escaping @Loop () throws -> T) throws -> T in
      try unsafeBitCast(escaping, to: (() throws -> T).self)()
    }
  }
}
