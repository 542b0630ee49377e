internal import CCurl
internal import JobrunModel
internal import JobrunReactor

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
    guard timer == nil else { return }
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
