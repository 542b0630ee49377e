import JobrunModel
import JobrunTestSupport
import Testing

@Suite struct CountersTests {
  @Test func `a counter begins at 0, and its sum stays an integer while it can be one`() async throws {
    try await onLoop {
      let counters = Counters()
      let hits = try #require(counters.place(of: "hits"))
      #expect(counters.value(of: "hits") == .integer(0))
      #expect(counters.value(of: "misses") == nil)
      #expect(counters.place(of: "hits") == hits)
      counters.add(.integer(2), at: hits)
      counters.add(.integer(-5), at: hits)
      #expect(counters.value(of: "hits") == .integer(-3))
      counters.add(.number(0.5), at: hits)
      #expect(counters.value(of: "hits") == .number(-2.5))
      _ = counters.place(of: "a")
      #expect(counters.all.map(\.name) == ["a", "hits"])
      counters.add(.integer(1), at: 99)
    }
  }

  @Test(
    arguments: [
      (.max, .integer(1), .number(9.223372036854775807e18)), (.min, .integer(-1), .number(-9.223372036854775807e18)),
      (1, .number(1e308), .number(1e308)),
    ] as [(Int, StatisticValue, StatisticValue)])
  func `a sum beyond the integers goes on as a number`(start: Int, added: StatisticValue, sum: StatisticValue)
    async throws
  {
    try await onLoop {
      let counters = Counters()
      let place = try #require(counters.place(of: "x"))
      counters.add(.integer(start), at: place)
      counters.add(added, at: place)
      #expect(counters.value(of: "x") == sum)
    }
  }

  @Test func `a sum never leaves the finite numbers`() async throws {
    try await onLoop {
      let counters = Counters()
      let place = try #require(counters.place(of: "x"))
      for _ in 0..<3 { counters.add(.number(1.5e308), at: place) }
      #expect(counters.value(of: "x") == .number(.greatestFiniteMagnitude))
    }
  }

  @Test func `there are not as many counters as items`() async throws {
    try await onLoop {
      let counters = Counters()
      for number in 0..<Counters.most { #expect(counters.place(of: "\(number)") == number) }
      #expect(counters.place(of: "one more") == nil)
      #expect(counters.place(of: "7") == 7)
    }
  }
}
