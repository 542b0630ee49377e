import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunScripting

@Suite("The models that requests name")
struct ModelNamesTests {
  private func request(_ job: String) async throws -> ChatRequest {
    try await onLoop {
      let script = try Script("return { \(job) }")
      let (_, step) = script.engine.begin(.line("hello"))
      guard case .call(let request) = step else {
        Issue.record("\(step)")
        throw CancellationError()
      }
      return request
    }
  }

  private func text(_ request: ChatRequest) -> String { String(decoding: request.body, as: UTF8.self) }

  @Test("go out under the provider's name, and are called by the job's")
  func renamed() async throws {
    let request = try await request(
      "models = { cheap = { name = 'gemini-2.5-flash' } }, model = 'cheap', prompt = function() return 'x' end")
    #expect(request.model == "cheap")
    #expect(text(request).contains(#""model":"gemini-2.5-flash""#))
    #expect(request.fallbacks.isEmpty)
  }

  @Test("can be picked by the request")
  func picked() async throws {
    let request = try await request(
      """
      models = { cheap = {}, strong = { name = 'opus' } }, model = 'cheap',
      prompt = function() return { model = 'strong', messages = { { role = 'user', content = 'x' } } } end
      """)
    #expect(request.model == "strong")
    #expect(text(request).contains(#""model":"opus""#))
  }

  @Test("that are none of the job's fail the item, with a suggestion")
  func unknown() async throws {
    let message = try await onLoop {
      try Script(
        "return { models = { cheap = {} }, prompt = function() return { model = 'chaep', messages = { { content = 'x' } } } end }"
      ).failure().message
    }
    #expect(message.contains("did you mean \"cheap\"?"), "\(message)")
  }

  @Test("of a list are rendered once each, for the first and for its fallbacks")
  func fallbacks() async throws {
    let request = try await request("model = { 'a', 'b', 'c' }, prompt = function() return 'x' end")
    #expect(([request] + request.fallbacks).map(\.model) == ["a", "b", "c"])
    for each in [request] + request.fallbacks { #expect(text(each).contains("\"model\":\"\(each.model)\"")) }
    #expect(request.request(to: "c").body == request.fallbacks[1].body)
  }

  @Test("have no fallback where the request picks another than the first")
  func noFallback() async throws {
    let request = try await request(
      """
      model = { 'a', 'b' },
      prompt = function() return { model = 'z', messages = { { role = 'user', content = 'x' } } } end
      """)
    #expect(request.model == "z")
    #expect(request.fallbacks.isEmpty)
  }

  @Test(
    "may be given room for the answer, which the limiter reserves",
    arguments: [
      ("max_tokens = 100", 100), ("max_completion_tokens = 70, max_tokens = 100", 70), ("max_tokens = 100, n = 3", 300),
      ("max_tokens = 0", nil), ("n = 3", nil),
      ("max_tokens = 9007199254740993, n = 9007199254740993", 9_007_199_254_740_993),
    ])
  func output(fields: String, expected: Int?) async throws {
    let request = try await request("model = 'm', defaults = { \(fields) }, prompt = function() return 'x' end")
    #expect(request.maximumOutputTokens == expected)
  }
}
