import JobrunModel
import Testing

@testable import JobrunHTTP

/// The ways in which providers write times.
@Suite struct TimeTextTests {
  @Test(
    arguments: [
      ("0", 0), ("7", 7), ("007", 7), ("1.5", 1.5), ("0.25", 0.25), ("12.", 12), ("999999999999999999", 1e18),
    ] as [(String, Double)])
  func `a number is digits with at most one point`(text: String, value: Double) {
    #expect(TimeText.number(text) == value)
  }

  @Test(
    arguments: [
      "", " ", ".", ".5", "-1", "+1", "1 ", " 1", "1e3", "1e300", "inf", "nan", "NaN", "infinity", "0x10", "1.2.3",
      "1,5", "soon", "1_000", "٣", "１", "1\u{301}", "1\0", "1111111111111111111",
    ])
  func `anything else is no number`(text: String) {
    #expect(TimeText.number(text) == nil)
  }

  @Test(
    arguments: [
      ("1s", .seconds(1)), ("6m0s", .seconds(360)), ("12ms", .milliseconds(12)), ("1m30s", .seconds(90)),
      ("2m59.5s", .milliseconds(179_500)), ("1h2m3.5s", .milliseconds(3_723_500)), ("2d", .seconds(172_800)),
      ("1h", .seconds(3_600)), ("9us", .microseconds(9)), ("40ns", .nanoseconds(40)), ("0s", .zero),
      ("1d1h1m1s1ms", .milliseconds(90_061_001)),
    ] as [(String, Duration)])
  func `a duration is numbers with units`(text: String, duration: Duration) {
    #expect(TimeText.duration(text) == duration)
  }

  @Test(
    arguments: [
      "", "s", "5", "5 s", "-5s", "1x", "1m30", "1sm", "1s,", "1S", "1e3s", "infs", "1.2.3s", "１s", "1é",
      "1s1s1s1s1s1s1s1s1s1s1s1s1s1s1s1s1s1s1s1s1",
    ])
  func `anything else is no duration`(text: String) {
    #expect(TimeText.duration(text) == nil)
  }

  @Test func `a duration beyond all bounds is clamped`() throws {
    let duration = try #require(TimeText.duration("999999999999999999d"))
    #expect(duration > .seconds(9_000_000_000))
    #expect(duration.clampedNanoseconds > 0)
  }

  @Test(
    arguments: [
      ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
      ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
      ("Sun Nov  6 08:49:37 1994", 784_111_777),
      ("Sun Nov 16 08:49:37 1994", 784_975_777),
      ("Sun, 06 Nov 1994 08:49:37 UTC", 784_111_777),
      ("Tue, 24 Nov 2026 21:38:00 GMT", 1_795_556_280),
      ("Tuesday, 24-Nov-26 21:38:00 GMT", 1_795_556_280),
      ("Tue, 29 Feb 2028 12:00:00 GMT", 1_835_438_400),
      ("Fri, 31 Dec 1999 23:59:59 GMT", 946_684_799),
      ("Fri, 31 Dec 1999 23:59:60 GMT", 946_684_800),
      ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
    ] as [(String, Double)])
  func `an HTTP date has three forms`(text: String, seconds: Double) {
    #expect(TimeText.httpDate(text) == seconds)
  }

  @Test(
    arguments: [
      "", "Sun", "Sun, 06 Nov 1994", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 PST",
      "Sun, 06 Nov 1994 08:49:37 -0800", "Sun, 06 Nov 1994 08:49 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
      "Sun, 06 Nov 1994 08:60:00 GMT", "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 32 Nov 1994 08:49:37 GMT",
      "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1969 08:49:37 GMT",
      "Sun, 06 Nov 19945 08:49:37 GMT", "Su, 06 Nov 1994 08:49:37 GMT", "Sun, 06 11 1994 08:49:37 GMT",
      "1994-11-06T08:49:37Z",
    ])
  func `anything else is no HTTP date`(text: String) {
    #expect(TimeText.httpDate(text) == nil)
  }

  @Test(
    arguments: [
      ("1994-11-06T08:49:37Z", 784_111_777),
      ("2026-11-24T21:38:02.5Z", 1_795_556_282.5),
      ("2026-11-24t21:38:00z", 1_795_556_280),
      ("2026-11-24 21:38:00Z", 1_795_556_280),
      ("2026-11-24T23:38:00+02:00", 1_795_556_280),
      ("1996-12-19T16:39:57-08:00", 851_042_397),
      ("2026-11-24T21:38:00-00:00", 1_795_556_280),
      ("2028-02-29T12:00:00.000000Z", 1_835_438_400),
    ] as [(String, Double)])
  func `an RFC 3339 time has a zone`(text: String, seconds: Double) {
    #expect(TimeText.rfc3339(text) == seconds)
  }

  @Test(
    arguments: [
      "", "T", "2026-11-24", "2026-11-24T", "2026-11-24TZ", "2026-11-24T21:38:00", "2026-11-24T21:38Z",
      "26-11-24T21:38:00Z", "2026-13-24T21:38:00Z", "2026-11-32T21:38:00Z", "2026-11-24T25:38:00Z",
      "2026-11-24T21:38:00+0200", "2026-11-24T21:38:00+", "-2026-11-24T21:38:00Z", "2026--24T21:38:00Z",
      "2026-11-24T21:38:-1Z", "Sun, 06 Nov 1994 08:49:37 GMT",
    ])
  func `anything else is no RFC 3339 time`(text: String) {
    #expect(TimeText.rfc3339(text) == nil)
  }

  @Test func `any bytes at all are read without a trap, and a number is finite`() {
    var random = SeededRandom(seed: 1)
    let samples = [
      "7", "1.5", "6m0s", "1h2m3.5s", "Sun, 06 Nov 1994 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
      "2026-11-24T23:38:00.5+02:00",
    ]
    for round in 0..<10_000 {
      let bytes = round % 2 == 0 ? random.bytes(longest: 60) : random.mutation(of: samples[round / 2 % samples.count])
      let text = String(decoding: bytes, as: UTF8.self)
      for value in [TimeText.number(text), TimeText.httpDate(text), TimeText.rfc3339(text)] {
        #expect(value.map { $0.isFinite && $0 > -90_000 } ?? true, "\(text)")
      }
      #expect(TimeText.duration(text).map { $0 >= .zero } ?? true, "\(text)")
    }
  }
}
