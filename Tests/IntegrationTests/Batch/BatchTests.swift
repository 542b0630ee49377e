import Foundation
import JobrunMock
import Testing

/// A line of a batch file.
func batchLine(_ id: String, _ prompt: String, url: String = "/v1/chat/completions", model: String = "m") -> String {
  #"{"custom_id":"\#(id)","method":"POST","url":"\#(url)","body":{"model":"\#(model)","messages":[{"role":"user","content":"\#(prompt)"}]}}"#
    + "\n"
}

/// A line of a batch's output, as another program reads it.
struct BatchResult: Decodable {
  struct Response: Decodable {
    var status_code: Int
    var request_id: String
    var body: Body
  }
  struct Body: Decodable {
    struct Choice: Decodable { var message: Message }
    struct Message: Decodable { var content: String }
    struct Failure: Decodable { var message: String }
    var choices: [Choice]?
    var error: Failure?
  }
  struct Failure: Decodable, Equatable {
    var code: String
    var message: String
  }
  var id: String
  var custom_id: String?
  var response: Response?
  var error: Failure?

  var text: String? { response?.body.choices?.first?.message.content }
}

extension Program {
  func batchResults(_ name: String = "out.jsonl") throws -> [BatchResult] {
    try lines(name).map { try JSONDecoder().decode(BatchResult.self, from: Data($0.utf8)) }
  }
}

@Suite(.serialized) struct BatchTests {
  @Test func `a batch file runs without a job, in its order, and its bodies go out byte for byte`() async throws {
    try await Program.inFolder { program in
      let body = #"{ "messages":[ {"role":"user","content":"\u0068i é"} ],"model":"m","x":1.50 }"#
      try program.write(
        "in.jsonl",
        (1...50).map { batchLine("r-\($0)", "p \($0)") }.joined()
          + #"{"body":\#(body),"custom_id":"odd","url":"/v1/chat/completions","method":"POST"}"#)
      try await MockServer.run(MockBehavior(reply: .echo, recordsRequests: true)) { server in
        let result = try await program.run("batch", "in.jsonl", "-o", "out.jsonl", "--base-url", server.baseURL)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output == "")
        let results = try program.batchResults()
        #expect(results.map(\.custom_id) == (1...50).map { "r-\($0)" } + ["odd"])
        #expect(results.map(\.text) == (1...50).map { "p \($0)" } + ["hi é"])
        #expect(results.map(\.id) == (1...51).map { "jobrun-\($0)" })
        #expect(results.allSatisfy { $0.response?.status_code == 200 && $0.error == nil })
        #expect(server.recordedRequests.contains { $0.text == body })
        #expect(try program.files == ["in.jsonl", "out.jsonl", "out.jsonl.journal"])
        // Again: everything is in the journal.
        let output = try program.read("out.jsonl")
        let again = try await program.run("batch", "in.jsonl", "-o", "out.jsonl", "--base-url", server.baseURL)
        #expect(again.status == 0)
        #expect(server.requestsReceived == 51)
        #expect(try program.read("out.jsonl") == output)
      }
    }
  }

  @Test func `every line that cannot be used is named, in its place, and the others run`() async throws {
    try await Program.inFolder { program in
      try program.write(
        "in.jsonl",
        batchLine("a", "1") + "nonsense\n" + batchLine("a", "2") + batchLine("b", "3", url: "/v1/rerank")
          + batchLine("c", "4", url: "/v1/embeddings") + #"{"custom_id":"d","params":{"model":"m"}}"# + "\n"
          + batchLine("e", "5"))
      let result = try await program.run("batch", "in.jsonl", "-o", "out.jsonl", "--mock=fast")
      #expect(result.status == 1)
      let results = try program.batchResults()
      #expect(results.map(\.custom_id) == ["a", nil, "a", "b", "c", "d", "e"])
      #expect(results.map { $0.response?.status_code } == [200, nil, nil, nil, nil, nil, 200])
      let messages = results.compactMap { $0.error?.message }
      for (message, start) in zip(
        messages,
        [
          "line 2: not a JSON object", "line 3: custom_id: \"a\" stands on line 1, too",
          "line 4: url: \"/v1/rerank\" is not supported; one of /v1/chat/completions, ",
          "line 5: it has the url \"/v1/embeddings\", the file's first request the url \"/v1/chat/completions\"",
          "line 6: it has `params` (Anthropic's form)",
        ])
      {
        #expect(message.hasPrefix(start), "\(message)")
        #expect(result.errors.contains("warning: \(start)"))
      }
      #expect(messages.count == 5)
      #expect(results.compactMap { $0.error?.code } == Array(repeating: "bad_input", count: 5))
      // What failed fits as input again.
      #expect(try program.lines("out.failed.jsonl").count == 5)
      let again = try await program.run("batch", "out.failed.jsonl", "-o", "again.jsonl", "--mock=fast")
      #expect(again.errors.contains("line 1: not a JSON object"), "\(again.errors)")
      #expect(try program.batchResults("again.jsonl").map(\.custom_id) == [nil, "a", "b", "c", "d"])
    }
  }

  @Test func `a provider's error is a response, a time-out an error; the same command asks for these again`()
    async throws
  {
    try await Program.inFolder { program in
      try program.write("in.jsonl", (1...4).map { batchLine("r-\($0)", "p \($0)") }.joined())
      let body = #"{"error":{"message":"no such thing","type":"invalid_request_error"}}"#
      let behavior = MockBehavior(
        reply: .echo,
        script: .perRequest { request in
          if request.prompt == "p 2" { return [.respond(status: 400, body: body)] }
          return request.prompt == "p 3" ? [.stall] : [.answer]
        })
      try await MockServer.run(behavior) { server in
        let result = try await program.run(
          "batch", "in.jsonl", "-o", "out.jsonl", "--base-url", server.baseURL, "--timeout", "0.3", "--max-attempts",
          "1")
        #expect(result.status == 1, "\(result.errors)")
        let results = try program.batchResults()
        #expect(results.map(\.text) == ["p 1", nil, nil, "p 4"])
        try #require(results.count == 4)
        #expect(results[1].response?.status_code == 400)
        #expect(results[1].response?.body.error?.message == "no such thing")
        #expect(try program.lines("out.jsonl")[1].contains(#""body":\#(body)},"error":null}"#))
        #expect(results[2].response == nil)
        #expect(results[2].error?.code == "timeout")
        #expect(try program.lines("out.failed.jsonl").count == 2)
        #expect(server.requestsReceived == 4)
      }
      try await MockServer.run(MockBehavior(reply: .echo)) { server in
        let again = try await program.run("batch", "in.jsonl", "-o", "out.jsonl", "--base-url", server.baseURL)
        #expect(again.status == 0, "\(again.errors)")
        #expect(server.requestsReceived == 2)
        #expect(try program.batchResults().map(\.text) == (1...4).map { "p \($0)" })
        #expect(!program.exists("out.failed.jsonl"))
      }
    }
  }

  @Test func `Anthropic's lines ask for messages, and their results have its form`() async throws {
    try await Program.inFolder { program in
      try program.write(
        "in.jsonl", #"{"custom_id":"a","params":{"model":"claude","max_tokens":9,"messages":[]}}"# + "\n{}\n")
      let message =
        #"{"id":"msg_1","type":"message","content":[{"type":"text","text":"hi"}],"choices":[{"message":{"content":"hi"}}]}"#
      let behavior = MockBehavior(
        script: .perRequest { request in
          [.respond(status: request.uri == "/v1/messages" ? 200 : 404, body: message)]
        })
      try await MockServer.run(behavior) { server in
        let result = try await program.run("batch", "in.jsonl", "-o", "out.jsonl", "--base-url", server.baseURL)
        #expect(result.status == 1, "\(result.errors)")
        let lines = try program.lines("out.jsonl")
        try #require(lines.count == 2)
        #expect(lines[0] == #"{"custom_id":"a","result":{"type":"succeeded","message":\#(message)}}"#)
        #expect(lines[1].hasPrefix(#"{"custom_id":null,"result":{"type":"errored","error":{"type":"error","#))
      }
    }
  }

  @Test func `a pipe is read as it comes, and the results may go to a stream`() async throws {
    try await Program.inFolder { program in
      let result = try await program.run(
        "batch", "-", "-o", "-", "--mock=fast", "-q", input: batchLine("a", "x") + batchLine("b", "y"))
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.output.split(separator: "\n").count == 2)
      // The journal lies beside the input then; a pipe's in the current folder.
      #expect(try program.files == ["stdin.mock.journal"])
      try program.write("empty.jsonl", "")
      #expect(try await program.run("batch", "empty.jsonl", "-o", "e.jsonl", "--mock=fast").status == 0)
      #expect(try program.read("e.jsonl") == "")
    }
  }

  @Test(
    arguments: [
      (["nosuch.jsonl", "-o", "o.jsonl"], 66, "no such input: nosuch.jsonl"), (["in.jsonl"], 64, "--output"),
      (["in.csv", "-o", "o.jsonl"], 64, "in.csv: a batch file is JSON lines"),
      (["in.jsonl", "-o", "o.csv"], 64, "o.csv: a batch file is JSON lines"),
      (["in.jsonl", "-o", "in.jsonl"], 64, "is both input and output"),
      (["items.jsonl", "-o", "o.jsonl"], 65, "items.jsonl is no batch file: line 1: custom_id: a text expected"),
      (["in.jsonl", "-o", "o.jsonl", "--concurrency", "0"], 64, "--concurrency"),
      (["in.jsonl", "-o", "o.jsonl", "--fresh", "--failed"], 64, "exclude each other"),
      (["in.jsonl", "-o", "o.jsonl"], 78, "no endpoint"),
    ] as [([String], Int32, String)])
  func `what cannot be run is told before anything is sent`(
    arguments: [String], status: Int32, message: String
  ) async throws {
    try await Program.inFolder { program in
      try program.write("in.jsonl", batchLine("a", "x"))
      try program.write("in.csv", "a\n")
      try program.write("items.jsonl", "{\"id\":1}\n")
      let result = try await program.run(["batch"] + arguments + (status == 78 ? [] : ["--mock=fast"]))
      #expect(result.status == status)
      #expect(result.errors.contains(message), "\(result.errors)")
      #expect(!program.exists("o.jsonl"))
    }
  }

  @Test func `killed in the middle, a batch goes on: nothing is lost, nothing is bought twice`() async throws {
    try await Program.inFolder { program in
      let slots = 4
      try program.write("in.jsonl", (1...80).map { batchLine("r-\($0)", "p \($0)") }.joined())
      let answers = CountingProvider()
      try await MockServer.run(answers.behavior(latency: .fixed(.milliseconds(5)))) { server in
        let arguments = [
          "batch", "in.jsonl", "-o", "out.jsonl", "--base-url", server.baseURL, "--concurrency", "\(slots)",
        ]
        for goal in [20, 50] {
          let (process, output, errors) = program.process(arguments)
          try process.run()
          await server.requests(atLeast: goal)
          kill(process.processIdentifier, SIGKILL)
          _ = await Program.result(of: process, output, errors)
          #expect(process.terminationReason == .uncaughtSignal)
          #expect(!program.exists("out.jsonl"))
        }
        let result = try await program.run(arguments)
        #expect(result.status == 0, "\(result.errors)")
        let results = try program.batchResults()
        #expect(results.map(\.custom_id) == (1...80).map { "r-\($0)" })
        let texts = results.compactMap(\.text)
        #expect(texts.map { $0.prefix { $0 != "#" } } == (1...80).map { "p \($0) " })
        #expect(Set(texts).count == 80)
        // A kill costs no more than what was in flight.
        #expect(answers.total <= 80 + 2 * slots)
      }
    }
  }
}
