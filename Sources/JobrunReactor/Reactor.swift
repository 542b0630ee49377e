internal import CReactor
internal import Dispatch
internal import Glibc
public import JobrunModel
internal import Synchronization

/// The loop: one thread that runs jobs, timers and file descriptors, and is the executor of `@Loop`.
///
/// It is a serial executor and a task executor in one: under `withTaskExecutorPreference(reactor)` every resume,
/// child task and actor call of the program stays on its thread. It knows nothing of HTTP or Lua.
public final class Reactor: SerialExecutor, TaskExecutor, @unchecked Sendable {
  // Safety of @unchecked Sendable: `remote`, `wakePending` and `remoteEnqueues` are synchronised; the descriptors and
  // `thread` are written before the thread starts to serve; everything else is touched on the loop's thread alone.

  /// The process's reactor; its thread starts with the first use and lives as long as the process.
  public static let shared: Reactor = {
    let reactor = Reactor()
    Loop.install(reactor)
    reactor.start()
    return reactor
  }()

  private var epoll: Int32 = -1
  private var wakeDescriptor: Int32 = -1
  private var thread = pthread_t()
  private var ready: [UnownedJob] = []
  private var batch: [UnownedJob] = []
  private var timers = TimerHeap<any TimerTarget>()
  private var descriptors = DescriptorTable()
  private let remote = Mutex(Remote())
  private let wakePending = Atomic<Bool>(false)
  private let remoteEnqueues = Atomic<Int>(0)

  private init() {
    let error = jr_reactor_open(&epoll, &wakeDescriptor)
    // Without epoll nothing can run, and there is nobody to tell yet.
    guard error == 0 else { fatalError("cannot open the event loop: \(String(cString: strerror(error)))") }
  }

  // MARK: Executor

  public func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    if isLoopThread {
      ready.append(job)
      return
    }
    remote.withLock { $0.jobs.append(job) }
    remoteEnqueues.add(1, ordering: .relaxed)
    wake()
  }

  /// Calls `call` on the loop, soon. For other threads, and for cancellation handlers, which run in the middle of
  /// anything.
  public func post(_ call: @escaping @Loop @Sendable () -> Void) {
    remote.withLock { $0.calls.append(call) }
    wake()
  }

  /// Wakes the loop, once for all that comes before it looks.
  private func wake() {
    if !wakePending.exchange(true, ordering: .acquiringAndReleasing) { jr_reactor_wake(wakeDescriptor) }
  }

  public func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

  public func asUnownedTaskExecutor() -> UnownedTaskExecutor { UnownedTaskExecutor(ordinary: self) }

  public func checkIsolated() { precondition(isLoopThread, "loop code was called on another thread") }

  public func isIsolatingCurrentContext() -> Bool? { isLoopThread }

  private var isLoopThread: Bool { pthread_equal(pthread_self(), thread) != 0 }

  /// Jobs that other threads handed over so far. One item's way adds none; a test holds that.
  public var remoteEnqueueCount: Int { remoteEnqueues.load(ordering: .relaxed) }

  // MARK: Timers and descriptors

  /// Calls `target` at the first turn of the loop at or after `deadline`.
  @Loop
  public func schedule(_ target: any TimerTarget, at deadline: MonotonicInstant) -> TimerID {
    timers.insert(target, at: deadline)
  }

  /// Takes a timer back; one that has fired is none of its business.
  @Loop
  public func cancel(_ timer: TimerID) { timers.remove(timer) }

  /// Calls `source` while the descriptor is ready. A later call for the same descriptor replaces this one.
  /// - Returns: 0, or an errno.
  @Loop
  @discardableResult
  public func watch(_ descriptor: Int32, for readiness: Readiness, source: any EventSource) -> Int32 {
    guard let interest = descriptors.watch(descriptor, for: readiness, source: source) else { return 0 }
    return jr_reactor_set_interest(epoll, descriptor, interest.rawValue)
  }

  /// Stops calling for the descriptor, which stays open.
  @Loop
  public func unwatch(_ descriptor: Int32) { descriptors.unwatch(descriptor) }

  /// Stops calling for a descriptor that others may close, and tells the kernel at once.
  @Loop
  public func drop(_ descriptor: Int32) {
    descriptors.forget(descriptor)
    _ = jr_reactor_set_interest(epoll, descriptor, 0)
  }

  /// To be called before a watched descriptor is closed.
  @Loop
  public func forget(_ descriptor: Int32) { descriptors.forget(descriptor) }

  // MARK: The loop

  private func start() {
    let started = DispatchSemaphore(value: 0)
    let context = Unmanaged.passRetained(StartContext(reactor: self, started: started)).toOpaque()
    // 16 MiB of stack: Lua and libcurl recurse in C.
    let error = jr_thread_start(
      "jobrun-loop", 16 << 20,
      { argument in
        guard let argument else { return }
        let context = Unmanaged<StartContext>.fromOpaque(argument).takeRetainedValue()
        context.reactor.thread = pthread_self()
        context.started.signal()
        context.reactor.loop()
      }, context)
    guard error == 0 else { fatalError("cannot start the event loop: \(String(cString: strerror(error)))") }
    started.wait()
  }

  private func loop() -> Never {
    // Few events a turn: what they bring is sent on in the same turn, so requests do not bunch up behind each other.
    let events = UnsafeMutablePointer<jr_event>.allocate(capacity: 32)
    while true {
      takeRemoteWork()
      runReadyJobs()
      fireTimers()
      let count = jr_reactor_wait(epoll, wakeDescriptor, events, 32, waitLimit())
      for index in 0..<Int(max(0, count)) { dispatch(events[index]) }
    }
  }

  /// Nanoseconds until something is to be done; negative: nothing is.
  private func waitLimit() -> Int64 {
    if !ready.isEmpty || wakePending.load(ordering: .acquiring) { return 0 }
    guard let deadline = timers.earliest else { return -1 }
    return max(0, MonotonicInstant.now.duration(to: deadline).clampedNanoseconds)
  }

  private func takeRemoteWork() {
    guard wakePending.exchange(false, ordering: .acquiringAndReleasing) else { return }
    let calls = remote.withLock { remote in
      ready.append(contentsOf: remote.jobs)
      remote.jobs.removeAll(keepingCapacity: true)
      return exchange(&remote.calls, with: [])
    }
    for call in calls { Loop.assumeIsolated(call) }
  }

  /// Runs what is ready, and what that makes ready in turn; after some rounds input and output get their turn.
  private func runReadyJobs() {
    let serial = asUnownedSerialExecutor()
    let task = asUnownedTaskExecutor()
    for _ in 0..<16 where !ready.isEmpty {
      swap(&ready, &batch)
      for job in batch { job.runSynchronously(isolatedTo: serial, taskExecutor: task) }
      batch.removeAll(keepingCapacity: true)
    }
  }

  private func fireTimers() {
    guard let earliest = timers.earliest else { return }
    let now = MonotonicInstant.now
    guard earliest <= now else { return }
    while let target = timers.popDue(at: now) { Loop.assumeIsolated { target.timerFired() } }
  }

  private func dispatch(_ event: jr_event) {
    switch descriptors.dispatch(event.fd, Readiness(rawValue: event.ready)) {
    case .call(let source, let readiness):
      Loop.assumeIsolated { source.ready(event.fd, for: readiness) }
    case .tell(let interest):
      _ = jr_reactor_set_interest(epoll, event.fd, interest.rawValue)
    }
  }
}

/// What other threads handed over.
private struct Remote {
  var jobs: [UnownedJob] = []
  var calls: [@Loop @Sendable () -> Void] = []
}

private final class StartContext {
  let reactor: Reactor
  let started: DispatchSemaphore

  init(reactor: Reactor, started: DispatchSemaphore) {
    self.reactor = reactor
    self.started = started
  }
}
