import Testing

@testable import JobrunMock

@Suite("Headers tell the limits in each provider's manner")
struct RateHeadersTests {
  private static let status = RateStatus(
    requests: RateStatus.Gauge(limit: 600, remaining: 590, reset: .milliseconds(12)),
    tokens: RateStatus.Gauge(limit: 150_000, remaining: 149_484, reset: .milliseconds(179_560)))

  private func lines(_ manner: MockHeaderManner, _ status: RateStatus = Self.status) -> [String] {
    status.headers(manner, now: 1_795_560_102).fields.map { "\($0.name): \($0.value)" }
  }

  @Test func `OpenAI: resets are Go durations`() {
    #expect(
      lines(.openAI) == [
        "x-ratelimit-limit-requests: 600", "x-ratelimit-remaining-requests: 590", "x-ratelimit-reset-requests: 12ms",
        "x-ratelimit-limit-tokens: 150000", "x-ratelimit-remaining-tokens: 149484",
        "x-ratelimit-reset-tokens: 2m59.56s",
      ])
  }

  @Test func `Azure: resets are whole seconds`() {
    #expect(
      lines(.azure) == [
        "x-ratelimit-limit-requests: 600", "x-ratelimit-remaining-requests: 590", "x-ratelimit-reset-requests: 1",
        "x-ratelimit-limit-tokens: 150000", "x-ratelimit-remaining-tokens: 149484", "x-ratelimit-reset-tokens: 180",
      ])
  }

  @Test func `Anthropic: resets are times, tokens are rounded to thousands`() {
    #expect(
      lines(.anthropic) == [
        "date: Tue, 24 Nov 2026 22:41:42 GMT", "anthropic-ratelimit-requests-limit: 600",
        "anthropic-ratelimit-requests-remaining: 590", "anthropic-ratelimit-requests-reset: 2026-11-24T22:41:43Z",
        "anthropic-ratelimit-tokens-limit: 150000", "anthropic-ratelimit-tokens-remaining: 149000",
        "anthropic-ratelimit-tokens-reset: 2026-11-24T22:44:42Z",
      ])
  }

  @Test func `none, and none for what has no limit`() {
    #expect(lines(.none).isEmpty)
    #expect(lines(.openAI, RateStatus()).isEmpty)
    #expect(lines(.azure, RateStatus(tokens: Self.status.tokens)).count == 3)
  }
}
