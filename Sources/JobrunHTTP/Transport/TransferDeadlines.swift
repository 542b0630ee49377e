internal import JobrunModel

/// What a transfer was waiting for when a limit ended it.
enum TransferPhase: Sendable, Equatable {
  case connecting, sending, firstByte, idle, total
}

/// How far a transfer is.
struct TransferProgress: Equatable {
  /// When the request began to go out; nil while the connection is being made.
  var sentAt: MonotonicInstant?
  /// Bytes of the request's body that have gone out.
  var bytesSent: Int64 = 0
  /// When the answer's first byte came, in nanoseconds; 0: it has not.
  var firstByte: Int64 = 0
  /// When the answer last went on, in nanoseconds.
  var lastProgress: Int64 = 0
}

/// The five time limits of a transfer. A pure value: how far the transfer is and the instant are arguments.
///
/// Nobody tells it when a phase ends. It is asked at the earliest instant at which a limit can be over, and says then
/// what is over, or when to ask again. So a transfer that takes no longer than its shortest limit costs one timer.
struct TransferDeadlines {
  enum Verdict: Equatable {
    case over(TransferPhase)
    case lookAgain(at: MonotonicInstant)
  }

  /// How often the way out of a long request is looked at. The limits of sending and of the first byte after it may be
  /// over so much later than they say, never earlier.
  private static let sendingInterval: Int64 = 1_000_000_000
  /// A request longer than this, in bytes, may take a while to go out.
  private static let longRequest: Int64 = 64 << 10

  let limits: TimeLimits
  private let bodyBytes: Int64
  private let start: MonotonicInstant
  /// How much of the request was out when it was looked at, and since when that is so.
  private var sent: (bytes: Int64, since: MonotonicInstant)?

  init(limits: TimeLimits, bodyBytes: Int64, start: MonotonicInstant) {
    self.limits = limits
    self.bodyBytes = bodyBytes
    self.start = start
  }

  init() {
    self.init(limits: TimeLimits(Timeouts()), bodyBytes: 0, start: MonotonicInstant(nanoseconds: 0))
  }

  /// When to ask first.
  var first: MonotonicInstant { start.advanced(byNanoseconds: min(limits.connect, soonest)) }

  /// The shortest of the limits that begin with the send or later, or when a long request is looked at.
  private var soonest: Int64 {
    let shortest = min(min(limits.send, limits.firstByte), min(limits.idle, limits.total))
    return bodyBytes > Self.longRequest ? min(shortest, Self.sendingInterval) : shortest
  }

  mutating func check(_ progress: TransferProgress, at now: MonotonicInstant) -> Verdict {
    guard let sentAt = progress.sentAt else {
      let deadline = start.advanced(byNanoseconds: limits.connect)
      // The send can begin at any moment: no limit behind it is over before the shortest of them.
      return deadline <= now ? .over(.connecting) : .lookAgain(at: min(deadline, now.advanced(byNanoseconds: soonest)))
    }
    let total = sentAt.advanced(byNanoseconds: limits.total)
    if total <= now { return .over(.total) }
    if progress.firstByte > 0 {
      let idle = MonotonicInstant(nanoseconds: progress.lastProgress).advanced(byNanoseconds: limits.idle)
      return idle <= now ? .over(.idle) : .lookAgain(at: min(idle, total))
    }
    let nextIdle = now.advanced(byNanoseconds: limits.idle)
    if progress.bytesSent < bodyBytes {
      // What is out may have gone out just now.
      if sent?.bytes != progress.bytesSent { sent = (progress.bytesSent, progress.bytesSent == 0 ? sentAt : now) }
      let stalled = (sent?.since ?? sentAt).advanced(byNanoseconds: limits.send)
      if stalled <= now { return .over(.sending) }
      let next = now.advanced(byNanoseconds: min(limits.firstByte, Self.sendingInterval))
      return .lookAgain(at: min(min(stalled, total), min(nextIdle, next)))
    }
    // Where the request was still going out at the last look, the wait began after it, perhaps just now.
    if let last = sent, last.bytes < bodyBytes { sent = (bodyBytes, now) }
    let waiting = (sent?.since ?? sentAt).advanced(byNanoseconds: limits.firstByte)
    return waiting <= now ? .over(.firstByte) : .lookAgain(at: min(min(waiting, total), nextIdle))
  }
}
