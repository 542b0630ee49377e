import Foundation
import JobrunMock
import Testing

/// Plays the table of faults byte for byte at the built program: how often is the provider asked, what becomes of the
/// items, with which status does the run end?
@Suite(.serialized) struct FaultTableTests {
  @Test(arguments: connections + time + bodies)
  func `a fault of the wire`(fault: Fault) async throws { try await play(fault) }

  @Test(arguments: limits + refusals + statuses)
  func `an answer that refuses`(fault: Fault) async throws { try await play(fault) }

  private func play(_ fault: Fault) async throws {
    try await Program.inFolder { program in
      try program.write(
        "job.lua",
        """
        return { input = "in.txt", output = "out.jsonl", model = "m", concurrency = 1,
          \(fault.job.contains("retry") ? "" : "retry = { base_s = 0.01, attempts = 3 },")
          prompt = function(item) return item.text end, \(fault.job) }
        """)
      try program.write("in.txt", (1...fault.items).map { "\($0)\n" }.joined())
      var behavior = fault.behavior
      behavior.script = fault.script
      try await MockServer.run(behavior) { server in
        let result = try await program.run("job.lua", "--base-url", server.baseURL, "--json")
        let text = "\(fault.testDescription): \(result.errors)"
        #expect(result.status == fault.status, "\(text)")
        #expect(fault.requests.contains(server.requestsReceived), "\(text)")
        for words in fault.says { #expect(result.errors.contains(words), "\(text)") }
        let failed = program.exists("out.failed.jsonl") ? try program.lines("out.failed.jsonl") : []
        #expect(failed.count == fault.failures, "\(text)")
        for line in failed { #expect(line.contains(#""class":"\#(fault.failed ?? "")""#), "\(line)") }
        try expectToAddUp(result.output, fault)
      }
    }
  }

  private func expectToAddUp(_ output: String, _ fault: Fault) throws {
    let json = try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
    let items = try #require(json["items"] as? [String: Int])
    let (ok, unfinished) = (items["ok"] ?? 0, items["unfinished"] ?? 0)
    #expect(items["failed"] == fault.failures)
    #expect(json["exit_code"] as? Int == Int(fault.status))
    if fault.status <= 1 {
      #expect(ok + fault.failures == fault.items)
      #expect(unfinished == 0)
    } else {
      #expect(unfinished > 0)
    }
  }

  private static let connections: [Fault] = [
    Fault(
      row: 1, name: "a kept connection dies", script: .scripted([]),
      behavior: MockBehavior(dropsRequestAfterResponses: 1), requests: 5...5),
    .later(2, "closed before the head", .closeBeforeHead, requests: 4),
    .later(2, "reset before the head", .resetBeforeHead, .resetBeforeHead, requests: 5),
    .later(3, "reset in the head", .resetInHead, requests: 4),
    .later(3, "reset in the body", .resetInBody, requests: 4),
    .later(3, "reset between chunks", .resetInChunks, requests: 4),
    .later(4, "cut without a length", .cutCloseDelimitedBody, requests: 4),
    .later(5, "shorter than its length", .contentLengthTooLong, requests: 4),
    // The bytes too many are found at once, or by the next request on the connection.
    .later(6, "longer than its length", .contentLengthTooShort, requests: 4).orOneMore,
    // One more than the attempts: the first finds its kept connection dead, which is none.
    .fromSecond(2, "always closed", .closeBeforeHead, requests: 8)
      .ends(1, failed: "network", 2, says: "7 may have been billed"),
    .later(40, "a status line that is none", .garbageStatusLine, requests: 4),
    .always(38, "a redirect", .redirect(to: "http://127.0.0.1:1/"), requests: 1).ends(69, says: "final URL"),
  ]

  private static let time: [Fault] = [
    .fromSecond(7, "chunks without end", .endlessChunks(every: .milliseconds(5)), requests: 4)
      .ends(1, failed: "timeout", 1).with(job: "timeouts = { total = 1 }", items: 2),
    .fromSecond(8, "a byte now and then", .slowDrip(every: .milliseconds(40)), requests: 4)
      .ends(1, failed: "timeout", 1).with(job: "timeouts = { total = 1 }", items: 2),
    .fromSecond(9, "no head", .stalled, requests: 4).ends(1, failed: "timeout", 1)
      .with(job: "timeouts = { first_byte = 1 }", items: 2),
    .fromSecond(9, "half a body", .stalledInBody, requests: 4).ends(1, failed: "timeout", 1)
      .with(job: "timeouts = { idle = 1 }", items: 2),
    .fromSecond(10, "blanks before the answer", .blankLines(5, every: .milliseconds(20)), requests: 2)
      .with(job: "timeouts = { idle = 5 }", items: 2),
    .fromSecond(10, "nothing but blanks", .blankLines(300, every: .milliseconds(20)), requests: 4)
      .ends(1, failed: "timeout", 1).with(job: "timeouts = { idle = 1 }", items: 2),
  ]

  private static let bodies: [Fault] = [
    .later(11, "200 with an error inside", .errorWith200, requests: 4),
    .later(12, "no choices", .noChoices, requests: 4),
    .fromSecond(12, "never any choices", .noChoices, requests: 7).ends(1, failed: "bad_response", 2),
    .later(12, "finish_reason error", .completion(#""stop""#, with: #""error""#), requests: 4),
    .later(12, "null content", .completion(#""fine""#, with: "null"), requests: 4),
    .always(13, "a web page", .htmlWith200, requests: 2).ends(69, says: "login page"),
    .fromSecond(13, "a web page, later", .htmlWith200, requests: 5).ends(1, failed: "bad_response", 2),
    .later(14, "truncated JSON", .truncatedJSON, requests: 4),
    .always(15, "half a surrogate pair", .loneSurrogate, requests: 3),
    .always(15, "no UTF-8", .invalidUTF8, requests: 3),
    .fromSecond(16, "JSON too deep", .deepJSON(100_000), requests: 3).ends(1, failed: "too_large", 2),
    .fromSecond(16, "a huge body", .hugeBody(bytes: 64 << 20), requests: 3).ends(1, failed: "too_large", 2),
    .always(17, "cut at the output limit", .completion(#""stop""#, with: #""length""#), requests: 3),
    .always(18, "filtered", .completion(#""stop""#, with: #""content_filter""#), requests: 3)
      .ends(1, failed: "content_filter", 3),
    .always(19, "no usage", .completion(#""usage""#, with: #""other""#), requests: 3),
    .always(19, "negative usage", .completion(#""prompt_tokens":1"#, with: #""prompt_tokens":-5"#), requests: 3),
    .always(19, "absurd usage", .completion(#""prompt_tokens":1"#, with: #""prompt_tokens":9e300"#), requests: 3),
    .fromSecond(39, "204", [.respond(status: 204, body: "")], requests: 7).ends(1, failed: "bad_response", 2),
    .always(39, "early hints", [.text("HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n"), .answer], requests: 3),
  ]

  private static let limits: [Fault] =
    [
      .later(21, "429 with seconds", .limited(after: "1"), requests: 4),
      .later(21, "429 with a fraction", .limited(after: "0.2"), requests: 4),
      .later(25, "429 with milliseconds", .limited(after: "50", header: "retry-after-ms"), requests: 4),
      .later(25, "429 with words", .status(429, "Limit reached. Please try again in 50ms."), requests: 4),
      .later(26, "429 without a hint", .status(429), requests: 4),
      .always(24, "429 for an hour", .limited(after: "3600"), requests: 1).ends(75, says: "60 minutes"),
      .fromSecond(24, "429 for an hour, later", .limited(after: "3600"), requests: 2).ends(75, says: "60 minutes"),
      .always(
        27, "no money", .status(429, "no money", type: "insufficient_quota", code: "insufficient_quota"), requests: 1
      )
      .ends(75, says: "used up"),
      .always(27, "402", .status(402, "Insufficient Balance"), requests: 1).ends(75, says: "used up"),
      .fromSecond(27, "no money, later", .status(402, "Insufficient Balance"), requests: 4).ends(75, says: "used up"),
      .always(28, "larger than the quota", .status(429, "Request too large for m: Limit 1, Requested 9."), requests: 3)
        .ends(1, failed: "too_large", 3),
      .later(37, "503", .status(503), requests: 4),
      .later(37, "503 with a hint", .status(503, headers: ["retry-after": "0.1"]), requests: 4),
      .later(37, "529", .status(529, "Overloaded", type: "overloaded_error"), requests: 4),
      .later(37, "a limit of requests at once", .status(429, "Too many concurrent requests"), requests: 4),
    ]
    + ["-1", "NaN", "inf", "1e300", "", "soon", "0"].map {
      .later(23, "429 with \"\($0)\"", .limited(after: $0), requests: 4)
    }

  private static let refusals: [Fault] = [
    .always(30, "401", .status(401, code: "invalid_api_key"), requests: 1).ends(77, says: "no key was sent"),
    .fromSecond(30, "401, later", .status(401, code: "invalid_api_key"), requests: 4).ends(77, says: "refused the key"),
    .later(30, "401 once", .status(401), requests: 4),
    .always(31, "403", .status(403, "Country not supported"), requests: 1).ends(77),
    .always(32, "404", .status(404, "no such model"), requests: 1).ends(69, says: "is the model's name right?"),
    .later(33, "400 for one item", .status(400, "odd"), requests: 3).ends(1, failed: "bad_request", 1),
    .always(33, "400 for all", .status(400, "odd"), requests: 5)
      .ends(69, failed: "bad_request", 4, says: "every request is rejected", "--keep-going").with(items: 9),
    .always(33, "context length", .status(400, code: "context_length_exceeded"), requests: 8)
      .ends(1, failed: "context_length", 8).with(items: 8),
    .always(35, "413", .status(413), requests: 3).ends(1, failed: "context_length", 3),
    .always(46, "a proxy that wants a password", .status(407), requests: 1).ends(69, says: "the proxy wants"),
  ]

  private static let statuses: [Fault] =
    [408, 409, 425, 500, 502, 504].map { .later(34, "\($0) once", .status($0), requests: 4) } + [
      .fromSecond(36, "500 always", .status(500, type: "server_error"), requests: 7).ends(1, failed: "server", 2),
      .fromSecond(41, "x-should-retry: false", .status(500, headers: ["x-should-retry": "false"]), requests: 3)
        .ends(1, failed: "server", 2),
      .later(41, "x-should-retry: true", .status(400, headers: ["x-should-retry": "true"]), requests: 4),
      .always(41, "429 that no wait helps", .status(429, headers: ["x-should-retry": "false"]), requests: 1)
        .ends(75, says: "used up"),
    ]
}
