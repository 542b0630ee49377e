internal import CCurl
internal import JobrunModel
internal import JobrunReactor

/// How long the socket of a stream is left alone after it was read.
///
/// A provider sends each word in a packet of its own, and a read costs more than all that is done with a word. So what
/// comes in a short while is read together: the words of a long answer wait up to a 32nd of the time it has taken so far.
enum StreamPace {
  /// An answer waits so long even where that is more than a 32nd: 10 ms.
  private static let short: Int64 = 10_000_000
  private static let longest: Int64 = 100_000_000

  /// - Parameters:
  ///   - elapsed: Nanoseconds since the request went out.
  ///   - idle: The limit of silence, in nanoseconds, of which a pause is a small part.
  static func pause(after elapsed: Int64, idle: Int64) -> Int64 {
    min(max(elapsed / 32, min(elapsed, short)), min(longest, idle / 8))
  }

  /// The end of a pause that begins now, at most a half of it early: pauses of many streams end together, so that the loop
  /// wakes up once for them.
  static func end(of pause: Int64, from now: MonotonicInstant) -> MonotonicInstant {
    // A power of two, from a quarter of the pause up to a half.
    let step = Int64(1) << (62 - max(4, pause).leadingZeroBitCount)
    let end = now.nanoseconds + pause
    return MonotonicInstant(nanoseconds: end - end % step)
  }
}

/// Reads the socket of one transfer with pauses, where its answer streams and nobody else uses the socket: HTTP/1.
///
/// A stream that is slower than the pauses is read as it comes. What comes in a pause is read at its end; from then on
/// the socket is looked at after each pause, until nothing has come in one.
@Loop
final class StreamReads: TimerTarget {
  private unowned let transfer: Transfer
  private var timer: TimerID?
  private var socket: Int32 = -1
  /// The end of the pause after the last read.
  private var pauseEnd = MonotonicInstant(nanoseconds: 0)

  init(transfer: Transfer) { self.transfer = transfer }

  /// Answers an event of the socket: reads, or does so at the end of the pause.
  func ready(_ socket: Int32, _ flags: Int32) {
    let now = MonotonicInstant.now
    if now < pauseEnd, flags == CURL_CSELECT_IN {
      Reactor.shared.unwatch(socket)
      readLater(socket)
    } else if let pause = transfer.read(socket, flags, at: now)?.pause {
      pauseEnd = StreamPace.end(of: pause, from: now)
    }
  }

  private func readLater(_ socket: Int32) {
    self.socket = socket
    timer = Reactor.shared.schedule(self, at: pauseEnd)
  }

  func timerFired() {
    timer = nil
    let now = MonotonicInstant.now
    guard let (bytes, pause) = transfer.read(socket, CURL_CSELECT_IN, at: now) else { return }
    if bytes > 0, let pause {
      pauseEnd = StreamPace.end(of: pause, from: now)
      readLater(socket)
    } else {
      Reactor.shared.watch(socket, for: .readable, source: transfer)
    }
  }

  /// Reads at once what a pause holds back.
  func catchUp() {
    guard let timer = timer.take() else { return }
    Reactor.shared.cancel(timer)
    timerFired()
  }

  /// The transfer has ended.
  func end() {
    if let timer = timer.take() { Reactor.shared.cancel(timer) }
    pauseEnd = MonotonicInstant(nanoseconds: 0)
  }
}
