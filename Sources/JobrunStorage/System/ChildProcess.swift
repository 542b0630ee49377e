internal import CProcess
#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif
internal import Dispatch
internal import Synchronization

/// A process whose standard output is read.
///
/// It has a process group of its own, so that a Ctrl-C at the terminal does not end it before the run says so, and it
/// inherits no file but standard error. It is read by one thread; `end` may be called from any.
final class ChildProcess: Sendable {
  enum End: Equatable {
    case exit(Int32)
    case signal(Int32)
    /// `end` was called.
    case wanted
  }

  private struct State {
    var pid: pid_t?
    var descriptor: Int32?
    var isEndWanted = false
  }

  private let words: [String]
  private let folder: String
  private let state = Mutex(State())

  init(_ words: [String], folder: String) {
    self.words = words
    self.folder = folder
  }

  /// Starts it, unless `end` was called already. Once.
  func start() throws(SystemError) {
    var arguments = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    let code: Int32 = state.withLock { state in
      if state.isEndWanted { return 0 }
      var (pid, output) = (pid_t(), Int32())
      let code = jr_spawn(folder, &arguments, &pid, &output)
      if code == 0 { (state.pid, state.descriptor) = (pid, output) }
      return code
    }
    if code != 0 { throw SystemError(number: code) }
  }

  /// Reads at least one byte, waiting for it; 0 at the end, or after `end`.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
    guard let descriptor = state.withLock({ $0.isEndWanted ? nil : $0.descriptor }) else { return 0 }
    return try SystemCall.read(descriptor, into: buffer)
  }

  /// Closes its output and waits until it has ended. By the thread that reads, behind the last byte.
  func waitForEnd() -> End {
    let (pid, descriptor) = state.withLock { state in
      defer { state.descriptor = nil }
      return (state.pid, state.descriptor)
    }
    if let descriptor { try? SystemCall.close(descriptor) }
    guard let pid else { return .wanted }
    var details = siginfo_t()
    // It stays a zombie until the lock is held, so that `end` never meets another process with its number.
    while waitid(P_PID, id_t(pid), &details, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    return state.withLock { state in
      var status: Int32 = 0
      while waitpid(pid, &status, 0) < 0, errno == EINTR {}
      state.pid = nil
      if state.isEndWanted { return .wanted }
      return status & 0x7F == 0 ? .exit(status >> 8 & 0xFF) : .signal(status & 0x7F)
    }
  }

  /// Ends it and all that it started, at once; what it is after that, nobody asks.
  func end() {
    let mustBeReaped = state.withLock { state in
      let isFirst = !state.isEndWanted
      state.isEndWanted = true
      guard let pid = state.pid else { return false }
      if isFirst { kill(-pid, SIGKILL) }
      return isFirst
    }
    // Off the caller's thread: a process that is dead already still takes a moment.
    if mustBeReaped { DispatchQueue.global(qos: .utility).async { self.reap() } }
  }

  private func reap() {
    guard let pid = state.withLock({ $0.pid }) else { return }
    var details = siginfo_t()
    while waitid(P_PID, id_t(pid), &details, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    state.withLock { state in
      guard state.pid == pid else { return }
      var status: Int32 = 0
      while waitpid(pid, &status, 0) < 0, errno == EINTR {}
      state.pid = nil
    }
  }

  deinit {
    if let descriptor = state.withLock({ $0.descriptor }) { try? SystemCall.close(descriptor) }
  }
}
