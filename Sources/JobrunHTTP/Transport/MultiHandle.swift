internal import CCurl
internal import Glibc
internal import JobrunModel
internal import JobrunReactor

/// One libcurl multi handle on the reactor, with its connections and its transfers.
@Loop
final class MultiHandle: TimerTarget {
  private let multi: UnsafeMutableRawPointer
  let turn: UnsafeMutablePointer<jr_turn>
  private let configuration: TransferConfiguration
  private var timer: TimerID?
  private var idle: [Transfer] = []
  private var active: [ObjectIdentifier: Transfer] = [:]
  private(set) var connectionsOpened = 0
  /// What all transfers end with now, unless their answer has come.
  private(set) var ending: TransferResult?
  /// The sockets of its connections.
  private var sockets: Set<curl_socket_t> = []

  init(configuration: TransferConfiguration, connections: Int) {
    guard let multi = curl_multi_init() else { fatalError("out of memory") }
    self.multi = multi
    self.configuration = configuration
    turn = .allocate(capacity: 1)
    turn.initialize(to: jr_turn())
    // Safety: `self` outlives the multi handle, which `deinit` destroys.
    let context = Unmanaged.passUnretained(self).toOpaque()
    keep(connections: connections)
    _ = jr_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
    _ = jr_multi_set_socket(
      multi,
      { easy, socket, what, context, _ in
        Loop.assumeIsolated { MultiHandle.from(context).watch(socket, what, for: easy) }
        return 0
      }, context)
    _ = jr_multi_set_timer(
      multi,
      { _, milliseconds, context in
        Loop.assumeIsolated { MultiHandle.from(context).setTimer(milliseconds) }
        return 0
      }, context)
  }

  /// Keeps so many connections for later.
  func keep(connections: Int) { _ = jr_multi_set_long(multi, CURLMOPT_MAXCONNECTS, connections) }

  isolated deinit {
    if let timer { Reactor.shared.cancel(timer) }
    idle.removeAll()
    curl_multi_cleanup(multi)
    turn.deallocate()
  }

  nonisolated static func from(_ context: UnsafeMutableRawPointer?) -> MultiHandle {
    // Safety: the context is the handle that set the callback.
    Unmanaged<MultiHandle>.fromOpaque(context!).takeUnretainedValue()
  }

  // MARK: Transfers

  var inFlight: Int { active.count }

  /// A transfer of this handle; it stays with it, because its connections do.
  func takeTransfer() -> Transfer { idle.popLast() ?? Transfer(multi: self, configuration: configuration) }

  func putBack(_ transfer: Transfer) { idle.append(transfer) }

  func start(_ transfer: Transfer) -> CURLMcode {
    active[ObjectIdentifier(transfer)] = transfer
    return curl_multi_add_handle(multi, transfer.easy)
  }

  /// Takes a transfer out, finished or not. Never to be called inside a callback of libcurl.
  func remove(_ transfer: Transfer) {
    active[ObjectIdentifier(transfer)] = nil
    curl_multi_remove_handle(multi, transfer.easy)
  }

  func endAll(with result: TransferResult) {
    ending = result
    defer { ending = nil }
    for transfer in Array(active.values) {
      transfer.catchUp()
      transfer.end(with: result)
    }
  }

  // MARK: Sockets

  /// A socket's events go to the transfer that uses it; of several on one connection, to one of them.
  private func watch(_ socket: curl_socket_t, _ what: Int32, for easy: UnsafeMutableRawPointer?) {
    guard let easy, let transfer = Self.transfer(of: easy) else { return Reactor.shared.unwatch(socket) }
    switch what {
    case CURL_POLL_IN: Reactor.shared.watch(socket, for: .readable, source: transfer)
    case CURL_POLL_OUT: Reactor.shared.watch(socket, for: .writable, source: transfer)
    case CURL_POLL_INOUT: Reactor.shared.watch(socket, for: [.readable, .writable], source: transfer)
    case _ where sockets.contains(socket): Reactor.shared.unwatch(socket)
    // One of libcurl's own, of its resolver: nobody says when it is closed, and a connection may get its number.
    default: Reactor.shared.drop(socket)
    }
    transfer.lastSocket = socket
  }

  /// To be called when a connection's socket was made.
  func opened(_ socket: curl_socket_t) { sockets.insert(socket) }

  /// To be called before libcurl's socket is closed.
  func closing(_ socket: curl_socket_t) {
    sockets.remove(socket)
    Reactor.shared.forget(socket)
  }

  /// Reads what has come for a transfer.
  func read(for transfer: Transfer) {
    let own = transfer.isMultiplexed ? Array(sockets) : [transfer.lastSocket].filter(sockets.contains)
    for socket in own { act(socket, CURL_CSELECT_IN) }
  }

  // MARK: Time

  private func setTimer(_ milliseconds: Int) {
    if let timer { Reactor.shared.cancel(timer) }
    timer = nil
    guard milliseconds >= 0 else { return }
    timer = Reactor.shared.schedule(self, at: .now.advanced(byNanoseconds: Int64(milliseconds) * 1_000_000))
  }

  func timerFired() {
    timer = nil
    act(CURL_SOCKET_TIMEOUT, 0)
  }

  /// Lets libcurl read and write what a socket is ready for, and ends the transfers that are done.
  func act(_ socket: curl_socket_t, _ flags: Int32) {
    var running: Int32 = 0
    turn.pointee.now = 0
    curl_multi_socket_action(multi, socket, flags, &running)
    var code = CURLE_OK
    while let easy = jr_multi_next_done(multi, &code) {
      guard let transfer = Self.transfer(of: easy) else { continue }
      connectionsOpened += jr_easy_get_long(easy, CURLINFO_NUM_CONNECTS)
      transfer.end(with: .completed(code))
    }
  }

  private static func transfer(of easy: UnsafeMutableRawPointer) -> Transfer? {
    // Safety: the private pointer is the transfer that owns the easy handle.
    jr_easy_get_private(easy).map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
  }
}
