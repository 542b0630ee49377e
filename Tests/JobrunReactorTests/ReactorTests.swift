import CReactor
import Glibc
import JobrunModel
import JobrunReactor
import JobrunTestSupport
import Testing

@Suite(.serialized) struct ReactorTests {
  @Test func `code of the loop runs on the loop's thread, also after every kind of wait`() async throws {
    try await onLoop {
      func onLoopThread() -> Bool { Reactor.shared.isIsolatingCurrentContext() == true }
      #expect(onLoopThread())
      await Task.yield()
      #expect(onLoopThread())
      try? await ReactorClock().sleep(for: .microseconds(10))
      #expect(onLoopThread())
      await withUnsafeContinuation { $0.resume() }
      #expect(onLoopThread())
      await withDiscardingTaskGroup { group in
        group.addImmediateTask { @Loop in
          await Task.yield()
          #expect(onLoopThread())
        }
      }
      #expect(onLoopThread())
    }
    #expect(Reactor.shared.isIsolatingCurrentContext() == false)
  }

  @Test func `child tasks, continuations and yields enqueue nothing from another thread`() async throws {
    let crossings = try await onLoop {
      await leastThreadCrossings(enough: 99) {
        await withDiscardingTaskGroup { group in
          for _ in 0..<1_000 {
            group.addImmediateTask { @Loop in
              await Task.yield()
              await withUnsafeContinuation { $0.resume() }
            }
            await Task.yield()
          }
        }
      }
    }
    #expect(crossings < 100)
  }

  @Test func `jobs from many other threads all arrive`() async throws {
    let total = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<8 {
        group.addTask {
          var sum = 0
          for _ in 0..<500 { sum += await LoopCounter.shared.bump() }
          return sum
        }
      }
      return await group.reduce(0, +)
    }
    #expect(total == 4_000)
  }

  @Test func `timers fire in the order of their deadlines`() async throws {
    let order = try await onLoop {
      let log = Log()
      await withDiscardingTaskGroup { group in
        for (name, delay) in [("c", 3), ("a", 1), ("b", 2)] {
          group.addImmediateTask { @Loop in
            try? await ReactorClock().sleep(for: .milliseconds(delay))
            log.lines.append(name)
          }
        }
      }
      return log.lines
    }
    #expect(order == ["a", "b", "c"])
  }

  @Test func `a cancelled sleep ends at once and throws`() async throws {
    await #expect(throws: CancellationError.self) {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await ReactorClock().sleep(for: .seconds(3_600)) }
        group.cancelAll()
        try await group.next()
      }
    }
  }

  @Test func `a descriptor that was dropped leaves nothing to the next one with its number`() async throws {
    try await onLoop {
      var (old, new): ([Int32], [Int32]) = ([0, 0], [0, 0])
      #expect(pipe(&old) == 0 && pipe(&new) == 0)
      let reader = PipeReader()
      #expect(Reactor.shared.watch(old[0], for: .readable, source: reader) == 0)
      Reactor.shared.drop(old[0])
      // Closed by somebody who tells nobody, and its number is another's.
      #expect(dup2(new[0], old[0]) == old[0])
      #expect(Reactor.shared.watch(old[0], for: .readable, source: reader) == 0)
      #expect(write(new[1], "n", 1) == 1)
      let byte = await withTaskGroup(of: UInt8?.self) { group in
        group.addImmediateTask { @Loop in await reader.nextByte() }
        group.addImmediateTask { @Loop in
          try? await ReactorClock().sleep(for: .seconds(2))
          reader.giveUp()
          return nil
        }
        defer { group.cancelAll() }
        return await group.next() ?? nil
      }
      #expect(byte == UInt8(ascii: "n"))
      Reactor.shared.forget(old[0])
      for end in old + new { close(end) }
    }
  }

  @Test func `a descriptor is reported while it is ready and somebody waits, and costs nothing when nobody does`()
    async throws
  {
    try await onLoop {
      var ends: [Int32] = [0, 0]
      #expect(pipe(&ends) == 0)
      let reader = PipeReader()
      #expect(Reactor.shared.watch(ends[0], for: .readable, source: reader) == 0)
      #expect(write(ends[1], "xy", 2) == 2)
      let first = await reader.nextByte()
      #expect(first == UInt8(ascii: "x"))
      Reactor.shared.unwatch(ends[0])
      let calls = reader.calls
      try await ReactorClock().sleep(for: .milliseconds(2))
      #expect(reader.calls == calls)  // "y" waits in the pipe, but nobody wants it
      #expect(Reactor.shared.watch(ends[0], for: .readable, source: reader) == 0)
      let second = await reader.nextByte()
      #expect(second == UInt8(ascii: "y"))
      Reactor.shared.forget(ends[0])
      close(ends[0])
      close(ends[1])
    }
  }

  @Test func `a signal reaches its handler on the loop`() async throws {
    try await onLoop {
      let log = Log()
      let arrived = Gate()
      let watcher = try SignalWatcher(signals: [SIGUSR2]) { signal in
        log.lines.append("\(signal)")
        arrived.open()
      }
      kill(getpid(), SIGUSR2)
      await arrived.wait()
      #expect(log.lines == ["\(SIGUSR2)"])
      withExtendedLifetime(watcher) {}
    }
  }

  @Test func `runBlocking gives its result to the thread that waits`() async {
    let value = await withCheckedContinuation { continuation in
      Thread.start { continuation.resume(returning: Reactor.shared.runBlocking { @Loop in 42 }) }
    }
    #expect(value == 42)
  }
}

@Loop private final class LoopCounter {
  static let shared = LoopCounter()
  func bump() -> Int { 1 }
}

@Loop private final class Log {
  var lines: [String] = []
}

@Loop private final class Gate {
  private var isOpen = false
  private var waiter: CheckedContinuation<Void, Never>?

  func open() {
    isOpen = true
    waiter.take()?.resume()
  }

  func wait() async {
    if !isOpen { await withCheckedContinuation { waiter = $0 } }
  }
}

@Loop private final class PipeReader: EventSource {
  var calls = 0
  private var waiter: CheckedContinuation<UInt8, Never>?
  private var descriptor: Int32?

  func nextByte() async -> UInt8 { await withCheckedContinuation { waiter = $0 } }

  func giveUp() { waiter.take()?.resume(returning: 0) }

  func ready(_ descriptor: Int32, for readiness: Readiness) {
    calls += 1
    guard let waiter = waiter.take() else { return }
    var byte: UInt8 = 0
    _ = read(descriptor, &byte, 1)
    waiter.resume(returning: byte)
  }
}

private enum Thread {
  static func start(_ body: @escaping @Sendable () -> Void) {
    let context = Unmanaged.passRetained(Body(body)).toOpaque()
    _ = jr_thread_start(
      "test", 1 << 20, { Unmanaged<Body>.fromOpaque($0!).takeRetainedValue().run() }, context)
  }

  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }
}
