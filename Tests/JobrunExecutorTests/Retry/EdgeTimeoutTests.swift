import JobrunModel
import Testing

@testable import JobrunExecutor

@Suite struct EdgeTimeoutTests {
  private func warnings(_ ages: [Double]) -> [String?] {
    var edge = EdgeTimeout()
    return ages.map { edge.ended(after: .clamped(seconds: $0)) }
  }

  @Test func `five ends at the same age are told, once`() throws {
    let warnings = warnings([60, 60.5, 59.2, 60.1, 60.3, 60, 60, 60, 60, 60])
    #expect(warnings.count { $0 != nil } == 1)
    let text = try #require(warnings[4])
    #expect(text.contains("5 requests") && text.contains("60 s"))
  }

  @Test func `ends at different ages are none of an edge`() {
    #expect(warnings([60, 64, 60, 64, 60, 64, 60, 64, 60, 64]).allSatisfy { $0 == nil })
  }

  @Test func `one that is different starts the count again`() {
    let warnings = warnings([60, 60, 60, 60, 30, 60, 60, 60, 60])
    #expect(warnings.allSatisfy { $0 == nil })
  }

  @Test func `short requests have other reasons`() {
    #expect(warnings(Array(repeating: 5, count: 20)).allSatisfy { $0 == nil })
  }
}
