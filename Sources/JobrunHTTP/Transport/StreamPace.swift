internal import JobrunModel

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
