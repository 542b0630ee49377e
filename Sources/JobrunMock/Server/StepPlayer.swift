import NIOCore
import NIOPosix

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Plays a script's steps on a connection, on its event loop.
final class StepPlayer {
  /// A list of steps that is being played; an endless one begins again at its end.
  private struct Frame {
    var steps: [MockStep]
    var next = 0
    var isEndless = false
  }

  private static let fillSize = 65_536
  private static let turn = Duration.microseconds(50)

  private let context: ChannelHandlerContext
  private let answer: () -> Responder.Answer
  private let finished: () -> Void
  private var frames: [Frame]
  private var isStopped = false

  /// - Parameters:
  ///   - answer: Makes the response for `.answer`.
  ///   - finished: Called once after the last step; never where the connection ends or stalls before.
  init(
    _ steps: [MockStep], on context: ChannelHandlerContext,
    answer: @escaping () -> Responder.Answer,
    finished: @escaping () -> Void
  ) {
    frames = [Frame(steps: steps)]
    self.context = context
    self.answer = answer
    self.finished = finished
  }

  /// The connection is gone: no further step is played.
  func stop() { isStopped = true }

  /// Plays the next step; each step calls it again when it is done.
  func play() {
    guard !isStopped else { return }
    guard let step = nextStep() else {
      isStopped = true
      return finished()
    }
    switch step {
    case .answer:
      let (bytes, delay, steps) = answer()
      if !steps.isEmpty { frames.append(Frame(steps: steps)) }
      if delay > .zero { wait(delay) { self.write(bytes) } } else { write(bytes) }
    case .respond(let response): write { response.write(into: &$0) }
    case .head(let status, let headers):
      write { MockResponse.writeHead(status: status, headers: headers, into: &$0) }
    case .bytes(let bytes): write { $0.writeBytes(bytes) }
    case .fill(let byte, let count):
      let now = min(count, Self.fillSize)
      if count > now { frames.append(Frame(steps: [.fill(byte, count: count - now)])) }
      write { $0.writeRepeatingByte(byte, count: now) }
    case .drip(let bytes, let pause):
      frames.append(Frame(steps: bytes.flatMap { [.bytes([$0]), .wait(pause)] }))
      context.eventLoop.assumeIsolated().execute { self.play() }
    case .wait(let delay): wait(delay) { self.play() }
    case .endless(let steps):
      frames.append(Frame(steps: steps, isEndless: true))
      context.eventLoop.assumeIsolated().execute { self.play() }
    case .close: context.close(promise: nil)
    case .reset: reset()
    case .stall: break
    }
  }

  private func nextStep() -> MockStep? {
    while let frame = frames.last {
      if frame.next < frame.steps.count {
        frames[frames.count - 1].next += 1
        return frame.steps[frame.next]
      }
      if frame.isEndless, !frame.steps.isEmpty {
        frames[frames.count - 1].next = 0
        return .wait(.zero)
      } else {
        frames.removeLast()
      }
    }
    return nil
  }

  /// Waits, at least for a turn of the loop: one that always has a task to run reads nothing.
  private func wait(_ delay: Duration, then next: @escaping () -> Void) {
    context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(max(delay, Self.turn))) {
      if !self.isStopped { next() }
    }
  }

  private func write(_ fill: (inout ByteBuffer) -> Void) {
    var buffer = ByteBuffer()
    fill(&buffer)
    write(buffer)
  }

  /// Writes and goes on once the kernel has taken it all; as a task of its own, so that a long script needs no deep
  /// stack.
  private func write(_ buffer: ByteBuffer) {
    let loop = context.eventLoop.assumeIsolated()
    context.writeAndFlush(NIOAny(buffer)).assumeIsolated().whenSuccess {
      loop.execute { self.play() }
    }
  }

  private func reset() {
    guard let channel = context.channel as? any SocketOptionProvider else { return context.close(promise: nil) }
    channel.setSoLinger(linger(l_onoff: 1, l_linger: 0)).assumeIsolated().whenComplete { _ in
      if !self.isStopped { self.context.close(promise: nil) }
    }
  }
}
