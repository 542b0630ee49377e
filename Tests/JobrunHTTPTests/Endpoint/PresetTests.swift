import JobrunMock
import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunHTTP

/// What each preset puts on the wire, as a server sees it, and that its answers and errors are read.
@Suite struct PresetTests {
  struct Wire: Sendable, CustomTestStringConvertible {
    var preset: String
    var environment: [String: String]
    /// What the provider's server gets.
    var uri: String
    var headers: [String: String]
    var answer: String = Wire.completion
    var error: (status: Int, body: String)
    var errorClass: ErrorClass
    var testDescription: String { "\(preset) \(uri)" }

    static let completion =
      #"{"id":"c","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"#
      + #""usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}"#
  }

  private static let all: [Wire] = [
    Wire(
      preset: "openai", environment: ["OPENAI_API_KEY": "sk-1", "OPENAI_ORG_ID": "org-1", "OPENAI_PROJECT_ID": "p-1"],
      uri: "/v1/chat/completions",
      headers: ["authorization": "Bearer sk-1", "openai-organization": "org-1", "openai-project": "p-1"],
      error: (
        429,
        #"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}"#
      ), errorClass: .quota),
    Wire(
      preset: "azure",
      environment: ["AZURE_OPENAI_API_KEY": "az", "AZURE_OPENAI_ENDPOINT": "https://r.openai.azure.com/"],
      uri: "/openai/v1/chat/completions", headers: ["api-key": "az"],
      error: (
        400,
        #"{"error":{"message":"The response was filtered","type":null,"param":"prompt","code":"content_filter","status":400}}"#
      ), errorClass: .contentFilter),
    Wire(
      preset: "azure",
      environment: [
        "AZURE_OPENAI_AD_TOKEN": "ad", "AZURE_OPENAI_ENDPOINT": "https://r.openai.azure.com",
        "OPENAI_API_VERSION": "2024-10-21",
      ],
      uri: "/openai/deployments/my%20gpt/chat/completions?api-version=2024-10-21",
      headers: ["authorization": "Bearer ad"],
      error: (429, #"{"error":{"code":"429","message":"Requests have exceeded the call rate limit."}}"#),
      errorClass: .rateLimit),
    Wire(
      preset: "anthropic", environment: ["ANTHROPIC_API_KEY": "sk-ant"], uri: "/v1/messages",
      headers: ["x-api-key": "sk-ant", "anthropic-version": "2023-06-01"],
      answer:
        #"{"type":"message","content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}}"#,
      error: (
        529, #"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_1"}"#
      ),
      errorClass: .overloaded),
    Wire(
      preset: "anthropic",
      environment: ["ANTHROPIC_AUTH_TOKEN": "tok", "ANTHROPIC_BASE_URL": "https://proxy.example"], uri: "/v1/messages",
      headers: ["authorization": "Bearer tok", "anthropic-version": "2023-06-01"],
      answer: #"{"content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn"}"#,
      error: (400, #"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 > 5"}}"#),
      errorClass: .contextLength),
    Wire(
      preset: "gemini", environment: ["GEMINI_API_KEY": "g"], uri: "/v1beta/openai/chat/completions",
      headers: ["authorization": "Bearer g"],
      error: (
        429,
        #"[{"error":{"code":429,"message":"Resource has been exhausted (e.g. check quota).","status":"RESOURCE_EXHAUSTED"}}]"#
      ), errorClass: .rateLimit),
    Wire(
      preset: "openrouter", environment: ["OPENROUTER_API_KEY": "or"], uri: "/api/v1/chat/completions",
      headers: ["authorization": "Bearer or"],
      error: (200, #"{"error":{"code":502,"message":"Provider returned error","metadata":{"raw":"x"}}}"#),
      errorClass: .overloaded),
    Wire(
      preset: "deepseek", environment: ["DEEPSEEK_API_KEY": "ds"], uri: "/v1/chat/completions",
      headers: ["authorization": "Bearer ds"], answer: "\n\n\n" + Wire.completion,
      error: (
        402,
        #"{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}}"#
      ),
      errorClass: .quota),
    Wire(
      preset: "groq", environment: ["GROQ_API_KEY": "gsk"], uri: "/openai/v1/chat/completions",
      headers: ["authorization": "Bearer gsk"],
      error: (
        429,
        #"{"error":{"message":"Rate limit reached for model `x` on tokens per minute (TPM): Limit 6000, Used 5990, Requested 100. Please try again in 0.9s.","type":"tokens","code":"rate_limit_exceeded"}}"#
      ), errorClass: .rateLimit),
    Wire(
      preset: "mistral", environment: ["MISTRAL_API_KEY": "mi"], uri: "/v1/chat/completions",
      headers: ["authorization": "Bearer mi"],
      error: (
        429, #"{"object":"error","message":"Rate limit exceeded","type":"rate_limited","param":null,"code":"1300"}"#
      ),
      errorClass: .rateLimit),
    Wire(
      preset: "ollama", environment: [:], uri: "/v1/chat/completions", headers: [:],
      error: (
        404,
        #"{"error":{"message":"model \"x\" not found, try pulling it first","type":"not_found_error","param":null,"code":null}}"#
      ),
      errorClass: .badRequest),
    Wire(
      preset: "vllm", environment: ["VLLM_API_KEY": "v"], uri: "/v1/chat/completions",
      headers: ["authorization": "Bearer v"],
      error: (
        400,
        #"{"object":"error","message":"This model's maximum context length is 4096 tokens.","type":"BadRequestError","param":null,"code":400}"#
      ), errorClass: .contextLength),
    Wire(
      preset: "llamacpp", environment: [:], uri: "/v1/chat/completions", headers: [:],
      error: (
        400,
        #"{"error":{"code":400,"message":"request (5827 tokens) exceeds the available context size (4096 tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":5827,"n_ctx":4096}}"#
      ), errorClass: .contextLength),
    Wire(
      preset: "holysheep", environment: ["HOLYSHEEP_API_KEY": "sk-h"], uri: "/v1/chat/completions",
      headers: ["authorization": "Bearer sk-h"],
      error: (401, #"{"error":{"message":"Invalid API key","type":"invalid_request_error","code":"invalid_api_key"}}"#),
      errorClass: .auth),
  ]

  @Test func `every preset is here`() {
    #expect(Set(Self.all.map(\.preset)).union(["mock"]) == Set(EndpointPreset.all.map(\.name)))
  }

  @Test(arguments: all) func `a preset speaks as its provider does`(wire: Wire) async throws {
    let resolver = EndpointResolver { wire.environment[$0] }
    var endpoint = try resolver.resolve(.preset(wire.preset)).naming(model: "my gpt")
    let api = endpoint.api ?? .chat
    #expect(resolver.api(.preset(wire.preset)) ?? .chat == api)
    let ok = MockResponse(status: 200, headers: ["content-type": "application/json"], body: wire.answer)
    let bad = MockResponse(
      status: wire.error.status, headers: ["content-type": "application/json"], body: wire.error.body)
    let server = try await MockServer.start(
      behavior: MockBehavior(script: .scripted([[.respond(ok)], [.respond(bad)]]), recordsRequests: true))
    // The same path on a server of this machine.
    let origin = try #require(endpoint.baseURL.firstRange(of: "://")).upperBound
    let path = endpoint.baseURL[origin...].drop { $0 != "/" }
    endpoint.baseURL = server.baseURL.replacing("/v1", with: "") + path
    let (answer, error) = try await onLoop { [endpoint] in
      let transport = HTTPTransport(endpoint: endpoint, api: api, options: .test(concurrency: 1))
      let answer = try await transport.send(request("x"), limits: .standard)
      do throws(AttemptError) {
        _ = try await transport.send(request("x"), limits: .standard)
      } catch {
        return (answer, error)
      }
      throw UnexpectedAnswer()
    }
    #expect(String(decoding: answer.reply.text, as: UTF8.self) == "hi")
    #expect(answer.api == api)
    #expect(error.errorClass == wire.errorClass, "\(error)")
    let received = try #require(server.recordedRequests.first)
    #expect(received.uri == wire.uri)
    for (name, value) in wire.headers { #expect(received.headers[name] == value, "\(name)") }
    let keys = ["authorization", "x-api-key", "api-key"]
    #expect(keys.filter { received.headers[$0] != nil } == keys.filter { wire.headers[$0] != nil })
    await server.stop()
  }
}
