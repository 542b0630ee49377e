import Foundation
import JobrunMock
import Testing

@Suite(.serialized) struct ModelsTests {
  /// A job with two models at two endpoints.
  private func job(_ first: MockServer, _ second: MockServer, _ fields: String) -> String {
    """
    return {
      input = "in.txt", output = "out.jsonl", concurrency = 4, retry = { base_s = 0.01 },
      models = {
        cheap = { name = "mini", endpoint = { base_url = "\(first.baseURL)" }, price = { input = 1, output = 2 } },
        strong = { name = "opus", endpoint = { base_url = "\(second.baseURL)" }, price = { input = 10, output = 20 },
          limits = { rpm = 6000 } },
      },
      \(fields)
    }
    """
  }

  @Test func `a request picks its model, and with it endpoint, name, limits and price`() async throws {
    try await Program.inFolder { program in
      try program.write("in.txt", (1...20).map { "\($0)\n" }.joined())
      let behavior = MockBehavior(reply: .custom { _ in .completion("fine") }, recordsRequests: true)
      try await MockServer.run(behavior) { cheap in
        try await MockServer.run(behavior) { strong in
          try program.write(
            "job.lua",
            job(
              cheap, strong,
              """
              model = "cheap",
              prompt = function(item, ctx)
                return { model = ctx.index % 4 == 0 and "strong" or nil, messages = { { role = "user", content = item.text } } }
              end,
              parse = function(reply, item, ctx) return { id = ctx.id, model = reply.model, cost = reply.cost_usd } end,
              finish = function(stats)
                return { ["report.txt"] = stats.models.cheap.requests .. " " .. stats.models.strong.requests }
              end,
              """))
          let result = try await program.run("job.lua", "--json")
          #expect(result.status == 0, "\(result.errors)")
          #expect(cheap.recordedRequests.map(\.model) == Array(repeating: "mini", count: 15))
          #expect(strong.recordedRequests.map(\.model) == Array(repeating: "opus", count: 5))
          #expect(try program.read("report.txt") == "15 5")
          // One prompt token and one completion token an answer.
          #expect(try program.lines("out.jsonl")[3] == #"{"cost":0.00003,"id":4,"model":"strong"}"#)
          let json = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
          let cost = try #require(json["cost_usd"] as? Double)
          #expect(abs(cost - (15 * 3e-6 + 5 * 30e-6)) < 1e-9)
          #expect(result.errors.contains("cheap: 15 requests") && result.errors.contains("strong: 5 requests"))
          let wrong = try await program.run("job.lua", "--model", "chaep")
          #expect(wrong.status == 64)
          #expect(wrong.errors.contains("its models: cheap, strong"))
        }
      }
    }
  }

  @Test func `a list of models falls back, for the price of one request where a key is refused`() async throws {
    try await Program.inFolder { program in
      try program.write("in.txt", (1...20).map { "\($0)\n" }.joined())
      let refusing = MockBehavior(reply: .custom { _ in .error(status: 401, message: "no", code: "invalid_api_key") })
      try await MockServer.run(refusing) { cheap in
        try await MockServer.run { strong in
          try program.write(
            "job.lua",
            job(cheap, strong, #"model = { "cheap", "strong" }, prompt = function(item) return item.text end"#))
          let result = try await program.run("job.lua")
          #expect(result.status == 0, "\(result.errors)")
          #expect(cheap.requestsReceived == 1)
          #expect(strong.requestsReceived == 20)
          #expect(try program.lines("out.jsonl").allSatisfy { $0.contains(#""model":"strong""#) })
          let check = try await program.run("check", "job.lua")
          #expect(check.errors.contains("model     cheap, else strong"), "\(check.errors)")
        }
      }
    }
  }
}
