import NIOCore
import NIOHTTP1

/// One connection of a client: collects requests, answers them one after the other in their order.
///
/// Responses leave as bytes, not through an encoder, so that a script can send wrong ones.
final class Connection: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = ByteBuffer

  /// The largest request body that is kept.
  static let bodyLimit = 64 << 20

  private let behavior: MockBehavior
  private let counters: MockCounters
  private var responder: Responder
  private var ordinal = 0
  private var head: HTTPRequestHead?
  private var body = ByteBuffer()
  /// Requests that came while another one was being answered.
  private var waiting: [ReceivedRequest] = []
  private var isAnswering = false
  private var isOver = false
  private var responses = 0
  private var player: StepPlayer?
  private var idleTimer: Scheduled<Void>?

  init(behavior: MockBehavior, counters: MockCounters, gate: AdmissionGate?) {
    self.behavior = behavior
    self.counters = counters
    responder = Responder(behavior: behavior, counters: counters, gate: gate)
  }

  func channelActive(context: ChannelHandlerContext) {
    ordinal = counters.connectionAccepted()
    startIdleTimer(context)
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    isOver = true
    idleTimer?.cancel()
    player?.stop()
    player = nil
    waiting = []
    if isAnswering {
      responder.ended()
      counters.answerEnded(sent: false)
    }
    isAnswering = false
    counters.connectionClosed()
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isOver else { return }
    switch unwrapInboundIn(data) {
    case .head(let head):
      idleTimer?.cancel()
      idleTimer = nil
      self.head = head
      body = ByteBuffer()
      if head.headers.first(name: "expect")?.lowercased() == "100-continue" {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
      }
    case .body(var part):
      if body.readableBytes == 0 { body = part } else { body.writeBuffer(&part) }
      if body.readableBytes > Self.bodyLimit { refuse(.bodyTooLarge, context) }
    case .end: receive(context)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if error is HTTPParserError, !isAnswering, !isOver {
      refuse(.notHTTP, context)
    } else {
      context.close(promise: nil)
    }
  }

  private func receive(_ context: ChannelHandlerContext) {
    guard let head else { return }
    self.head = nil
    let received = ReceivedRequest(
      head: head, body: body, ordinal: counters.requestReceived(), connection: ordinal,
      responsesBefore: responses + waiting.count + (isAnswering ? 1 : 0))
    body = ByteBuffer()
    if behavior.recordsRequests { counters.record(received.request) }
    switch behavior.counts {
    case .body: counters.count(String(buffer: received.body))
    case .header(let name): counters.count(head.headers.first(name: name) ?? "")
    case nil: break
    }
    if isAnswering { waiting.append(received) } else { begin(received, context) }
  }

  private func begin(_ received: ReceivedRequest, _ context: ChannelHandlerContext) {
    isAnswering = true
    counters.answerBegan()
    if let limit = behavior.dropsRequestAfterResponses, responses >= limit { return context.close(promise: nil) }
    let closes = !received.head.isKeepAlive
    if let steps = steps(for: received) {
      let player = StepPlayer(
        steps, on: context, answer: { self.responder.answer(to: received, closes: closes) },
        finished: { self.scriptEnded(closes: closes, context) })
      self.player = player
      return player.play()
    }
    let answer = responder.answer(to: received, closes: closes)
    let (bytes, delay, _) = answer
    if !answer.steps.isEmpty {
      let player = StepPlayer(
        [.answer], on: context, answer: { answer }, finished: { self.scriptEnded(closes: closes, context) })
      self.player = player
      return player.play()
    }
    if delay <= .zero { return send(bytes, closes: closes, context) }
    context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(delay)) {
      if !self.isOver { self.send(bytes, closes: closes, context) }
    }
  }

  private func steps(for received: ReceivedRequest) -> [MockStep]? {
    switch behavior.script {
    case .scripted(let lists): received.ordinal <= lists.count ? lists[received.ordinal - 1] : nil
    case .perRequest(let steps): steps(received.request)
    case nil:
      behavior.faults.drawn(ordinal: received.ordinal, seed: behavior.seed).map { steps in
        [.wait(behavior.latency.delay(ordinal: received.ordinal, seed: behavior.seed))]
          + (responder.spoiledStream(for: received, fault: steps) ?? steps)
      }
    }
  }

  private func send(_ bytes: ByteBuffer, closes: Bool, _ context: ChannelHandlerContext) {
    // Counted first: a client that has read the answer must find it counted.
    countAnswer()
    if closes || responses == behavior.closeAfterResponses {
      // Closing at once would throw away what the kernel has not taken yet.
      isOver = true
      context.writeAndFlush(wrapOutboundOut(bytes)).assumeIsolated().whenComplete { _ in context.close(promise: nil) }
    } else {
      context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
      goOn(context)
    }
  }

  private func countAnswer() {
    isAnswering = false
    responses += 1
    responder.ended()
    counters.answerEnded(sent: true)
  }

  /// The script has played to its end.
  private func scriptEnded(closes: Bool, _ context: ChannelHandlerContext) {
    player = nil
    countAnswer()
    if closes || responses == behavior.closeAfterResponses {
      isOver = true
      context.close(promise: nil)
    } else {
      goOn(context)
    }
  }

  private func goOn(_ context: ChannelHandlerContext) {
    if !waiting.isEmpty {
      begin(waiting.removeFirst(), context)
    } else if head == nil {
      startIdleTimer(context)
    }
  }

  /// Answers what is no request and closes.
  private func refuse(_ response: MockResponse, _ context: ChannelHandlerContext) {
    isOver = true
    var buffer = ByteBuffer()
    response.write(into: &buffer, closes: true)
    context.writeAndFlush(wrapOutboundOut(buffer)).assumeIsolated().whenComplete { _ in context.close(promise: nil) }
  }

  private func startIdleTimer(_ context: ChannelHandlerContext) {
    guard let limit = behavior.closeWhenIdle else { return }
    idleTimer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(limit)) { context.close(promise: nil) }
  }
}
