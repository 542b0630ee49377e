import Foundation
import JobrunMock
import Testing

/// Items that end while others, or other calls of theirs, still want something.
@Suite struct ItemEndTests {
  @Test func `what an item asked for at the same time is not bought once it has ended`() async throws {
    try await Program.inFolder { program in
      try program.write("in.txt", "a\n")
      let provider = CountingProvider()
      try await MockServer.run(provider.behavior()) { server in
        let command = ["job.lua", "--base-url", server.baseURL]
        func write(_ calls: String) throws {
          try program.write(
            "job.lua",
            """
            return { input = "in.txt", output = "out.jsonl", model = "m",
              process = function(item, ctx) ctx:call_all { \(calls) } return {} end,
              on_reply = function(reply, item, ctx) ctx:skip("enough") end }
            """)
        }
        try write("'one'")
        #expect(try await program.run(command).status == 0)
        #expect(provider.total == 1)
        // The first is in the journal, and ends the item before the others are sent.
        try write("'one', 'two', 'three'")
        let again = try await program.run(command)
        #expect(again.status == 0, "\(again.errors)")
        #expect(again.errors.contains("0 ok, 0 failed, 1 skipped"), "\(again.errors)")
        #expect(provider.total == 1)
      }
    }
  }

  @Test func `an item that only looks whether others are done lets them be done`() async throws {
    try await Program.inFolder { program in
      try program.write("in.txt", "wait\nwork\n")
      try program.write(
        "job.lua",
        """
        local isDone = false
        return { input = "in.txt", output = "out.jsonl", model = "m",
          process = function(item, ctx)
            if item.text == "work" then ctx:call("x") isDone = true end
            while not isDone do ctx:sleep(0) end
            return { text = item.text }
          end }
        """)
      let result = try await program.run("--mock", "job.lua", "--output", "out.jsonl")
      #expect(result.status == 0, "\(result.errors)")
      #expect(try program.lines("out.jsonl") == [#"{"text":"wait"}"#, #"{"text":"work"}"#])
    }
  }

  @Test func `a first request that turns out larger than the limit does not keep the others back`() async throws {
    try await Program.inFolder { program in
      try program.write("in.txt", "20000\n10\n10\n")
      try program.write(
        "job.lua",
        """
        return { input = "in.txt", output = "out.jsonl", model = "m", retry = { base_s = 0.01 },
          prompt = function(item)
            return { messages = { { role = "user", content = "x" } }, max_tokens = tonumber(item.text) }
          end,
          parse = function(reply) return { text = reply.text } end }
        """)
      let behavior = MockBehavior(
        script: .perRequest { request in
          guard request.ordinal == 1 else { return [.respond(.completion("hi"))] }
          return [
            .respond(
              .error(
                status: 500, headers: ["x-ratelimit-limit-tokens": "8000", "x-ratelimit-remaining-tokens": "8000"],
                message: "sorry", type: "server_error"))
          ]
        })
      try await MockServer.run(behavior) { server in
        let result = try await program.run("job.lua", "--base-url", server.baseURL)
        #expect(result.status == 1, "\(result.errors)")
        #expect(result.errors.contains("2 ok, 1 failed"), "\(result.errors)")
        #expect(try program.read("out.failed.jsonl").contains(#""class":"too_large""#))
      }
    }
  }
}
