internal import ArgumentParser
internal import JobrunMock

/// The options of `jobrun mock` that change its answers.
struct MockAnswerOptions: ParsableArguments, Sendable {
  @Option(
    name: .long, help: ArgumentHelp("Seconds that every answer takes, instead of the profile's.", valueName: "s"))
  var latency: Double?

  @Option(
    name: .long,
    help: ArgumentHelp("Pieces of a streamed answer: one for each of its words unless given.", valueName: "n"))
  var chunks: Int?

  @Flag(name: .long, help: "Answers are the last user message, unchanged.")
  var echo = false

  /// What is not as the profile says, in a line; nil: nothing.
  var summary: String? {
    let parts = [
      latency.map { "every answer after \($0) s" }, chunks.map { "streams in \($0) pieces" },
      echo ? "the last user message as the answer" : nil,
    ].compactMap(\.self)
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }

  /// The behaviour with what was given.
  func apply(to behavior: inout MockBehavior) throws(MockOptionProblem) {
    if let latency {
      guard (0...86_400).contains(latency) else {
        throw MockOptionProblem(message: "--latency: 0 to 86400 seconds expected, got \(latency)")
      }
      behavior.latency = .fixed(.seconds(latency))
    }
    if let chunks {
      guard (1...65_536).contains(chunks) else {
        throw MockOptionProblem(message: "--chunks: 1 to 65536 expected, got \(chunks)")
      }
      behavior.chunks = chunks
    }
    if echo { behavior.reply = .echo }
  }
}
