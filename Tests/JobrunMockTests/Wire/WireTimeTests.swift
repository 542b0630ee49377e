import Testing

@testable import JobrunMock

@Suite("Times are written as headers have them")
struct WireTimeTests {
  @Test(arguments: [
    (0, "0s"), (-5, "0s"), (1, "1ms"), (999, "999ms"), (1000, "1s"), (1146, "1.146s"), (59_560, "59.56s"),
    (60_000, "1m0s"), (179_560, "2m59.56s"), (360_000, "6m0s"), (3_600_000, "1h0m0s"), (3_723_500, "1h2m3.5s"),
  ])
  func `as Go durations`(milliseconds: Int, text: String) {
    #expect(WireTime.go(.milliseconds(milliseconds)) == text)
  }

  @Test func `rounded up, never below zero`() {
    #expect(WireTime.milliseconds(.nanoseconds(1)) == 1)
    #expect(WireTime.milliseconds(.seconds(-3)) == 0)
    #expect(WireTime.seconds(.nanoseconds(1)) == 1)
    #expect(WireTime.seconds(.milliseconds(1001)) == 2)
    #expect(WireTime.go(.microseconds(99_001)) == "100ms")
  }

  @Test(arguments: [
    (0, "1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
    (1_709_210_096, "2024-02-29T12:34:56Z", "Thu, 29 Feb 2024 12:34:56 GMT"),
    (1_795_560_102, "2026-11-24T22:41:42Z", "Tue, 24 Nov 2026 22:41:42 GMT"),
  ])
  func `as dates`(seconds: Int, rfc3339: String, http: String) {
    #expect(WireTime.rfc3339(seconds) == rfc3339)
    #expect(WireTime.http(seconds) == http)
  }
}
