import JobrunModel
import Testing

@testable import JobrunHTTP

@Suite struct TransferDeadlinesTests {
  private static let start = MonotonicInstant(nanoseconds: 5_000_000_000_000)
  private static let limits = TimeLimits(
    connect: .seconds(3), send: .seconds(5), firstByte: .seconds(20), idle: .seconds(10), total: .seconds(60))

  /// An instant, in milliseconds after the start.
  private func at(_ milliseconds: Int64) -> MonotonicInstant {
    Self.start.advanced(byNanoseconds: milliseconds * 1_000_000)
  }

  private func deadlines(bodyBytes: Int64 = 100, _ limits: TimeLimits = limits) -> TransferDeadlines {
    TransferDeadlines(limits: limits, bodyBytes: bodyBytes, start: Self.start)
  }

  private func progress(
    sent: Int64? = nil, bytes: Int64 = 0, firstByte: Int64? = nil, last: Int64? = nil
  ) -> TransferProgress {
    TransferProgress(
      sentAt: sent.map(at), bytesSent: bytes, firstByte: firstByte.map { at($0).nanoseconds } ?? 0,
      lastProgress: (last ?? firstByte).map { at($0).nanoseconds } ?? 0)
  }

  @Test func `connecting ends exactly at its limit`() {
    var deadlines = deadlines()
    #expect(deadlines.first == at(3_000))
    #expect(deadlines.check(progress(), at: at(2_999)) == .lookAgain(at: at(3_000)))
    #expect(deadlines.check(progress(), at: at(3_000)) == .over(.connecting))
  }

  @Test func `while connecting, it is asked again before a limit of the send can be over`() {
    var limits = Self.limits
    limits.idle = 1_000_000_000
    var deadlines = deadlines(limits)
    #expect(deadlines.first == at(1_000))
    #expect(deadlines.check(progress(), at: at(1_000)) == .lookAgain(at: at(2_000)))
    #expect(deadlines.check(progress(), at: at(2_500)) == .lookAgain(at: at(3_000)))
  }

  @Test func `a request of which nothing goes out ends exactly at the limit of sending`() {
    var deadlines = deadlines()
    #expect(deadlines.check(progress(sent: 1_000), at: at(3_000)) == .lookAgain(at: at(4_000)))
    #expect(deadlines.check(progress(sent: 1_000), at: at(5_999)) == .lookAgain(at: at(6_000)))
    #expect(deadlines.check(progress(sent: 1_000), at: at(6_000)) == .over(.sending))
  }

  @Test func `a request that goes out slowly, but goes out, has no limit of sending`() {
    var deadlines = deadlines(bodyBytes: 1 << 30)
    for second in Int64(1)..<60 {
      let progress = progress(sent: 0, bytes: second)
      let verdict = deadlines.check(progress, at: at(second * 1_000))
      #expect(verdict == .lookAgain(at: at(second * 1_000 + 1_000)), "\(second) s")
    }
    #expect(deadlines.check(progress(sent: 0, bytes: 60), at: at(60_000)) == .over(.total))
  }

  @Test func `a request that was going out at the first look is not over then, however late that is`() {
    var deadlines = deadlines(bodyBytes: 1 << 30)
    #expect(deadlines.check(progress(sent: 0, bytes: 500), at: at(5_000)) == .lookAgain(at: at(6_000)))
    #expect(deadlines.check(progress(sent: 0, bytes: 900), at: at(6_000)) == .lookAgain(at: at(7_000)))
    #expect(deadlines.check(progress(sent: 0, bytes: 900), at: at(10_999)) == .lookAgain(at: at(11_000)))
    #expect(deadlines.check(progress(sent: 0, bytes: 900), at: at(11_000)) == .over(.sending))
  }

  @Test func `the first byte ends exactly at its limit, counted from the send`() {
    var limits = Self.limits
    limits.idle = 30_000_000_000
    var deadlines = deadlines(limits)
    #expect(deadlines.check(progress(sent: 1_000, bytes: 100), at: at(3_000)) == .lookAgain(at: at(21_000)))
    #expect(deadlines.check(progress(sent: 1_000, bytes: 100), at: at(20_999)) == .lookAgain(at: at(21_000)))
    #expect(deadlines.check(progress(sent: 1_000, bytes: 100), at: at(21_000)) == .over(.firstByte))
  }

  @Test func `the wait for the first byte of a long request begins when all of it is out`() {
    var limits = Self.limits
    limits.send = 40_000_000_000
    var deadlines = deadlines(bodyBytes: 1 << 20, limits)
    #expect(deadlines.check(progress(sent: 0, bytes: 500), at: at(1_000)) == .lookAgain(at: at(2_000)))
    #expect(deadlines.check(progress(sent: 0, bytes: 500), at: at(30_000)) == .lookAgain(at: at(31_000)))
    let done = progress(sent: 0, bytes: 1 << 20)
    #expect(deadlines.check(done, at: at(31_000)) == .lookAgain(at: at(41_000)))
    #expect(deadlines.check(done, at: at(50_999)) == .lookAgain(at: at(51_000)))
    #expect(deadlines.check(done, at: at(51_000)) == .over(.firstByte))
  }

  @Test func `a long request is looked at each second, whatever its limits`() {
    #expect(deadlines(bodyBytes: 1 << 20).first == at(1_000))
    var limits = Self.limits
    limits.firstByte = 50_000_000
    var deadlines = deadlines(bodyBytes: 1 << 20, limits)
    #expect(deadlines.first == at(50))
    #expect(deadlines.check(progress(sent: 0, bytes: 500), at: at(50)) == .lookAgain(at: at(100)))
  }

  @Test func `a pause in the answer ends exactly at its limit, counted from the last progress`() {
    var deadlines = deadlines()
    let begun = progress(sent: 1_000, bytes: 100, firstByte: 2_000)
    #expect(deadlines.check(begun, at: at(3_000)) == .lookAgain(at: at(12_000)))
    #expect(deadlines.check(begun, at: at(11_999)) == .lookAgain(at: at(12_000)))
    let on = progress(sent: 1_000, bytes: 100, firstByte: 2_000, last: 12_000)
    #expect(deadlines.check(on, at: at(12_000)) == .lookAgain(at: at(22_000)))
    #expect(deadlines.check(on, at: at(22_000)) == .over(.idle))
  }

  @Test func `the total ends exactly at its limit, counted from the send, whatever else goes on`() {
    var deadlines = deadlines()
    let on = progress(sent: 1_000, bytes: 100, firstByte: 2_000, last: 60_000)
    #expect(deadlines.check(on, at: at(60_500)) == .lookAgain(at: at(61_000)))
    #expect(deadlines.check(on, at: at(61_000)) == .over(.total))
    #expect(deadlines.check(progress(sent: 1_000, bytes: 100), at: at(61_000)) == .over(.total))
  }

  @Test func `limits without end never come`() {
    let endless = Duration.seconds(Int64.max)
    let limits = TimeLimits(connect: endless, send: endless, firstByte: endless, idle: endless, total: endless)
    var deadlines = deadlines(limits)
    #expect(deadlines.first == MonotonicInstant(nanoseconds: .max))
    #expect(deadlines.check(progress(), at: at(1)) == .lookAgain(at: MonotonicInstant(nanoseconds: .max)))
    let begun = progress(sent: 1, bytes: 100, firstByte: 2)
    #expect(deadlines.check(begun, at: at(9_000)) == .lookAgain(at: MonotonicInstant(nanoseconds: .max)))
  }
}

extension TimeLimits {
  init(connect: Duration, send: Duration, firstByte: Duration, idle: Duration, total: Duration) {
    var timeouts = Timeouts()
    timeouts.connect = connect
    timeouts.send = send
    timeouts.firstByte = firstByte
    timeouts.idle = idle
    timeouts.total = .fixed(total)
    self.init(timeouts)
  }
}
