internal import CReactor
internal import Glibc
public import JobrunModel

/// Hands the process's signals to the loop.
@Loop
public final class SignalWatcher: EventSource {
  private let handler: @Loop (Int32) -> Void

  /// Catches `signals` from now on and calls `handler` with each, on the loop.
  /// - Throws: `RunError` (`internal`) where the system refuses.
  public init(signals: [Int32], handler: @escaping @Loop (Int32) -> Void) throws(RunError) {
    self.handler = handler
    for signal in signals {
      let descriptor = jr_signal_catch(signal)
      guard descriptor >= 0 else {
        throw RunError(.internal, "cannot catch signal \(signal)", cause: String(cString: strerror(-descriptor)))
      }
      Reactor.shared.watch(descriptor, for: .readable, source: self)
    }
  }

  public func ready(_ descriptor: Int32, for readiness: Readiness) {
    while case let signal = jr_signal_read(descriptor), signal != 0 { handler(signal) }
  }
}
