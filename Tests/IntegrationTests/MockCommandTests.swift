import Foundation
import Testing

/// The stand-alone mock provider, asked by another program.
@Suite struct MockCommandTests {
  /// What a server with these options answers to a chat request, byte for byte.
  private func answer(_ options: [String], to request: String) async throws -> String {
    var text = ""
    try await Program.inFolder { program in
      let (server, _, errors) = program.process(["mock", "--port", "0", "--profile", "fast"] + options)
      try Program.start(server)
      defer { server.terminate() }
      let words = await Program.read(errors, until: "stop it with")
      #expect(words.contains("profile   answers at once; but ") == !options.isEmpty, "\(words)")
      let port = try #require(words.firstMatch(of: try Regex("127.0.0.1:([0-9]+)/v1"))?.output[1].substring)
      let client = Process()
      client.executableURL = URL(fileURLWithPath: "/bin/bash")
      let head =
        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: \(request.utf8.count)\r\n"
      client.arguments = [
        "-c", #"exec 3<>"/dev/tcp/127.0.0.1/$1"; printf %s "$2" >&3; cat <&3"#, "", String(port),
        head + "\r\n" + request,
      ]
      let output = Pipe()
      client.standardOutput = output
      try Program.start(client)
      text = await Program.readAll(output)
    }
    return text
  }

  private static let message = #""messages":[{"role":"user","content":"one two three four"}]"#

  @Test func `an answer can be the message, streamed in so many pieces`() async throws {
    let request = #"{"model":"m","stream":true,"# + Self.message + "}"
    let text = try await answer(["--echo", "--chunks", "7"], to: request)
    let pieces = text.matches(of: try Regex(#""delta":\{"content":"([^"]*)"\}"#)).compactMap { $0.output[1].substring }
    #expect(pieces.count == 7)
    #expect(pieces.joined() == "one two three four")
  }

  @Test func `an answer takes as long as it is told`() async throws {
    let start = ContinuousClock.now
    #expect(
      try await answer(["--latency", "0.4"], to: "{\"model\":\"m\"," + Self.message + "}").contains("[mock] one two"))
    #expect(ContinuousClock.now - start >= .milliseconds(400))
  }

  @Test(arguments: [["--chunks", "0"], ["--latency=-1"], ["--latency", "nan"], ["--chunks", "70000"]])
  func `what makes no sense is told`(options: [String]) async throws {
    try await Program.inFolder { program in
      let result = try await program.run(["mock", "--port", "0"] + options)
      #expect(result.status == 64)
      #expect(result.errors.contains("\(options[0].prefix { $0 != "=" }): "), "\(result.errors)")
    }
  }
}
