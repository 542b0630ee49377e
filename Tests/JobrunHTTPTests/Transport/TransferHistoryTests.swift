import JobrunModel
import Testing

@testable import JobrunHTTP

/// Transfers of all fates, looked at as the transport looks at them.
@Suite struct TransferHistoryTests {
  @Test func `no limit is over too early, and no look comes too late for one`() {
    var random = SeededRandom(seed: 6)
    var endings: [String: Int] = [:]
    for round in 0..<20_000 {
      let history = History(using: &random)
      let ending = history.watch(round: round)
      endings[ending, default: 0] += 1
    }
    for ending in ["connecting", "sending", "firstByte", "idle", "total", "answered"] {
      #expect(endings[ending, default: 0] > 200, "\(ending)")
    }
  }
}

/// What happens to one transfer, in nanoseconds; `never` for what does not.
private struct History {
  private static let never = Int64.max
  private static let second: Int64 = 1_000_000_000

  private let limits: TimeLimits
  private let bodyBytes: Int64
  private let start: Int64
  private let sentAt: Int64
  /// When a further part of the request went out; the last of `parts` completes it.
  private let uploads: [Int64]
  private let parts: Int
  /// The first byte, and all progress after it.
  private let downloads: [Int64]
  private let end: Int64

  init(using random: inout SeededRandom) {
    // Limits and events on all scales, from nanoseconds to minutes.
    let scale = [1, 1_000_000, 300_000_000, 10 * Self.second].randomElement(using: &random)!  // not empty
    func span(_ most: Int64) -> Int64 { Int64.random(in: 1...(most * scale), using: &random) }
    limits = TimeLimits(
      connect: .nanoseconds(span(20)), send: .nanoseconds(span(20)), firstByte: .nanoseconds(span(20)),
      idle: .nanoseconds(span(20)), total: .nanoseconds(span(60)))
    start = Int64.random(in: 0...(1 << 50), using: &random)
    parts = Int.random(in: 0...6, using: &random)
    bodyBytes = Int64(parts) * [10, 100_000].randomElement(using: &random)!  // not empty
    let pause = Int64.random(in: 1...16, using: &random)
    sentAt = Int.random(in: 0..<10, using: &random) == 0 ? Self.never : start + span(pause)
    var time = sentAt
    var uploads: [Int64] = []
    var downloads: [Int64] = []
    if sentAt != Self.never {
      let isStuck = Int.random(in: 0..<6, using: &random) == 0
      for _ in 0..<(isStuck ? parts / 2 : parts) {
        if !Bool.random(using: &random) { time += span(pause) }
        uploads.append(time)
      }
      if !isStuck, Int.random(in: 0..<4, using: &random) != 0 {
        for _ in 0..<Int.random(in: 1...8, using: &random) {
          time += span(pause)
          downloads.append(time)
        }
      }
    }
    self.uploads = uploads
    self.downloads = downloads
    end = downloads.isEmpty || Bool.random(using: &random) ? Self.never : time + 1
  }

  private func sentParts(at now: Int64) -> Int { uploads.count { $0 <= now } }

  private func progress(at now: Int64) -> TransferProgress {
    guard sentAt <= now else { return TransferProgress() }
    let received = downloads.prefix { $0 <= now }
    let sent = parts == 0 ? 0 : bodyBytes / Int64(parts) * Int64(sentParts(at: now))
    return TransferProgress(
      sentAt: MonotonicInstant(nanoseconds: sentAt), bytesSent: sent, firstByte: received.first ?? 0,
      lastProgress: received.last ?? 0)
  }

  /// Looks until a limit is over or the answer is whole, and checks each verdict against what is true.
  func watch(round: Int) -> String {
    var deadlines = TransferDeadlines(
      limits: limits, bodyBytes: bodyBytes, start: MonotonicInstant(nanoseconds: start))
    let soonest = min(limits.send, limits.firstByte, limits.idle, limits.total)
    var now = deadlines.first.nanoseconds
    #expect(now > start && now <= start + min(limits.connect, soonest), "round \(round)")
    /// A look has found the request going out.
    var wasSending = false
    /// Such a look is at most so long after what it finds.
    let lag = bodyBytes > 64 << 10 ? min(soonest, Self.second) : soonest
    while now < end {
      let isConnecting = sentAt > now
      let isSending = !isConnecting && sentParts(at: now) < parts
      let lastDownload = downloads.last { $0 <= now }
      switch deadlines.check(progress(at: now), at: MonotonicInstant(nanoseconds: now)) {
      case .lookAgain(let next):
        var latest =
          if isConnecting {
            min(start + limits.connect, now + soonest)
          } else if let lastDownload {
            min(lastDownload + limits.idle, sentAt + limits.total)
          } else if isSending {
            min(sentAt + limits.total, now + min(limits.idle, limits.firstByte, limits.send, Self.second))
          } else {
            min(sentAt + limits.total, now + limits.idle, now + limits.firstByte)
          }
        if !isConnecting, !isSending, lastDownload == nil, !wasSending {
          latest = min(latest, sentAt + limits.firstByte)
        }
        #expect(next.nanoseconds > now && next.nanoseconds <= latest, "round \(round)")
        guard next.nanoseconds > now else { return "stuck" }
        if isSending { wasSending = true }
        now = next.nanoseconds
      case .over(let phase):
        check(phase, at: now, wasSending: wasSending, lag: lag, round: round)
        return "\(phase)"
      }
    }
    return "answered"
  }

  /// The phase is the one that the transfer is in, its limit is over, and not for long.
  private func check(_ phase: TransferPhase, at now: Int64, wasSending: Bool, lag: Int64, round: Int) {
    let sent = sentParts(at: now)
    let (began, limit, lateness): (Int64?, Int64, Int64) =
      switch phase {
      case .connecting: (sentAt > now ? start : nil, limits.connect, 0)
      case .sending:
        (
          sent < parts && !downloads.contains { $0 <= now } ? uploads.last { $0 <= now } ?? sentAt : nil,
          limits.send, lag
        )
      case .firstByte:
        (
          sent == parts && !downloads.contains { $0 <= now } ? (wasSending ? uploads.last : sentAt) : nil,
          limits.firstByte, wasSending ? lag : 0
        )
      case .idle: (downloads.last { $0 <= now }, limits.idle, 0)
      case .total: (sentAt, limits.total, 0)
      }
    guard let began else {
      Issue.record("round \(round): \(phase) is not the phase")
      return
    }
    #expect(now - began >= limit, "round \(round): \(phase) is over too early")
    #expect(now - began - limit <= lateness, "round \(round): \(phase) is over too late")
  }
}
