import Testing

@testable import JobrunScripting

@Suite("The suggestion for a misspelt name")
struct NameSuggestionTests {
  static let names = ["concurrency", "timeouts", "model", "input", "on_reply"]

  @Test(
    "is the nearest name, if it is near",
    arguments: [
      ("concurency", "concurrency"), ("timeout", "timeouts"), ("modle", "model"), ("imput", "input"),
      ("onreply", "on_reply"),
    ])
  func near(typed: String, meant: String) {
    #expect(NameSuggestion.nearest(to: typed, among: Self.names) == meant)
  }

  @Test("is none for a name that resembles nothing", arguments: ["limits", "x", "", "budget"])
  func far(typed: String) {
    #expect(NameSuggestion.nearest(to: typed, among: Self.names) == nil)
  }
}
