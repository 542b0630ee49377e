import JobrunModel
import Testing

@testable import JobrunHTTP

/// Bodies in the shapes that providers send.
@Suite struct ClassifierTests {
  @Test(
    arguments: [
      (
        401,
        #"{"error":{"message":"Incorrect API key provided","type":"invalid_request_error","code":"invalid_api_key"}}"#,
        ErrorClass.auth, "invalid_api_key"
      ),
      (403, #"{"error":{"message":"Country not supported","type":"request_forbidden"}}"#, .auth, "request_forbidden"),
      (
        400,
        #"[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]"#,
        .auth, "400"
      ),
      (
        429,
        #"{"error":{"message":"Rate limit reached for gpt-4o-mini on tokens per min (TPM): Limit 50000, Used 47949, Requested 3006. Please try again in 1.146s.","type":"tokens","code":"rate_limit_exceeded"}}"#,
        .rateLimit, "rate_limit_exceeded"
      ),
      (
        429,
        #"{"error":{"message":"Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 34307.","type":"tokens","code":"rate_limit_exceeded"}}"#,
        .tooLarge, "rate_limit_exceeded"
      ),
      (
        429,
        #"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}"#,
        .quota, "insufficient_quota"
      ),
      (
        429, #"{"error":{"message":"spend","type":"insufficient_quota","code":"project_spend_limit_exceeded"}}"#,
        .quota, "project_spend_limit_exceeded"
      ),
      (
        429,
        #"{"type":"error","error":{"type":"rate_limit_error","message":"limit","error_code":"enforced_spend_limit_reached"}}"#,
        .quota, "enforced_spend_limit_reached"
      ),
      (
        429, #"[{"error":{"code":429,"message":"Resource has been exhausted","status":"RESOURCE_EXHAUSTED"}}]"#,
        .rateLimit, "429"
      ),
      (
        429, #"{"object":"error","message":"Rate limit exceeded","type":"rate_limited","param":null,"code":"1300"}"#,
        .rateLimit, "1300"
      ),
      (429, "", .rateLimit, nil),
      (402, #"{"error":{"message":"Insufficient Balance","type":"unknown_error"}}"#, .quota, "unknown_error"),
      (403, #"{"error":{"message":"Out of call volume quota."}}"#, .quota, nil),
      (408, "", .timeout, nil),
      (
        413, #"{"type":"error","error":{"type":"request_too_large","message":"too large"}}"#, .contextLength,
        "request_too_large"
      ),
      (
        400,
        #"{"error":{"message":"This model's maximum context length is 8192 tokens","type":"invalid_request_error","code":"context_length_exceeded"}}"#,
        .contextLength, "context_length_exceeded"
      ),
      (
        400,
        #"{"object":"error","message":"This model's maximum context length is 2048 tokens.","type":"BadRequestError","param":null,"code":400}"#,
        .contextLength, "400"
      ),
      (
        400,
        #"{"error":{"code":400,"message":"request (5827 tokens) exceeds the available context size (4096 tokens), try increasing it","type":"exceed_context_size_error"}}"#,
        .contextLength, "400"
      ),
      (
        400,
        #"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}}"#,
        .contextLength, "invalid_request_error"
      ),
      (
        400,
        #"{"error":{"message":"The response was filtered","type":null,"param":"prompt","code":"content_filter","status":400}}"#,
        .contentFilter, "content_filter"
      ),
      (
        400, #"{"error":{"message":"Unknown parameter","type":"invalid_request_error","code":null}}"#, .badRequest,
        "invalid_request_error"
      ),
      (
        404,
        #"{"error":{"message":"The model does not exist","type":"invalid_request_error","code":"model_not_found"}}"#,
        .badRequest, "model_not_found"
      ),
      (422, #"{"detail":[{"msg":"field required"}]}"#, .badRequest, nil),
      (301, "", .badRequest, nil),
      (500, #"{"error":{"message":"The server had an error","type":"server_error"}}"#, .server, "server_error"),
      (502, "<html><body>502 Bad Gateway</body></html>", .overloaded, nil),
      (503, #"{"error":{"message":"Loading model","type":"unavailable_error","code":503}}"#, .overloaded, "503"),
      (504, "", .overloaded, nil),
      (
        529, #"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#, .overloaded,
        "overloaded_error"
      ),
      // Errors that come with HTTP 200.
      (200, #"{"error":{"code":429,"message":"Rate limited upstream"}}"#, .rateLimit, "429"),
      (200, #"{"error":{"code":402,"message":"Insufficient credits"}}"#, .quota, "402"),
      (200, #"{"error":{"message":"boom","type":"server_error"}}"#, .server, "server_error"),
      (200, #"{"error":"model crashed"}"#, .badResponse, nil),
      (200, #"{"choices":[]}"#, .badResponse, nil),
      (
        200, #"{"choices":[{"message":{"role":"assistant","content":null},"finish_reason":"stop"}]}"#, .badResponse, nil
      ),
      (200, #"{"choices":[{"message":{"content":"part"},"finish_reason":"error"}]}"#, .badResponse, nil),
      (
        200, #"{"choices":[{"message":{"content":""},"finish_reason":"content_filter"}]}"#, .contentFilter,
        "content_filter"
      ),
      (200, "[1,2]", .badResponse, nil),
      (200, "", .badResponse, nil),
      (204, "", .badResponse, nil),
    ] as [(Int, String, ErrorClass, String?)])
  func `a failure has the class of its status and its words`(
    status: Int, body: String, errorClass: ErrorClass, code: String?
  ) throws {
    let result = Classifier().classify(status: status, body: Array(body.utf8))
    guard case .failure(let error) = result else {
      Issue.record("no failure: \(result)")
      return
    }
    #expect(error.errorClass == errorClass)
    #expect(error.code == code)
    #expect(error.status == status)
    #expect(!error.message.isEmpty)
  }

  @Test(
    arguments: [
      (#"{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]}"#, "hi", "stop"),
      (#"{"error":null,"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]}"#, "hi", "stop"),
      (" \n\n{\"choices\":[{\"message\":{\"content\":\"hi\"},\"finish_reason\":\"length\"}]}", "hi", "length"),
      (#"{"choices":[{"message":{"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}}]}"#, "ab", nil),
      (
        #"{"choices":[{"message":{"content":null,"tool_calls":[{"id":"1"}]},"finish_reason":"tool_calls"}]}"#, "",
        "tool_calls"
      ),
      (#"{"choices":[{"message":{"content":null,"refusal":"no"},"finish_reason":"stop"}]}"#, "", "stop"),
      (#"{"choices":[{"message":{"content":null},"finish_reason":"length"}]}"#, "", "length"),
    ] as [(String, String, String?)])
  func `a completion is an answer`(body: String, text: String, finishReason: String?) throws {
    let reply = try Classifier().classify(status: 200, body: Array(body.utf8)).get()
    #expect(String(decoding: reply.text, as: UTF8.self) == text)
    #expect(reply.finishReason == finishReason)
  }

  @Test func `usage is read with its details, and nonsense is none`() throws {
    func usage(_ json: String) throws -> TokenUsage? {
      let body = #"{"choices":[{"message":{"content":""}}],"usage":\#(json)}"#
      return try Classifier().classify(status: 200, body: Array(body.utf8)).get().usage
    }
    #expect(
      try usage(
        #"{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13,"prompt_tokens_details":{"cached_tokens":5}}"#)
        == TokenUsage(input: 9, output: 4, cached: 5, total: 13))
    #expect(try usage(#"{"prompt_tokens":9}"#) == TokenUsage(input: 9, output: 0, cached: 0, total: 9))
    #expect(try usage(#"{"prompt_tokens":-1,"completion_tokens":4}"#) == nil)
    #expect(try usage(#"{"prompt_tokens":99999999999999}"#) == nil)
    #expect(try usage("null") == nil)
    #expect(try usage(#""many""#) == nil)
  }

  @Test func `any bytes at all are classified without a trap`() {
    let classifier = Classifier()
    var state: UInt64 = 42
    func next() -> UInt8 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(truncatingIfNeeded: state >> 33)
    }
    let seeds = [
      #"{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1}}"#,
      #"[{"error":{"code":429}}]"#,
    ]
    for round in 0..<4_000 {
      var body = Array(seeds[round % 2].utf8)
      for _ in 0...Int(next() % 4) { body[Int(next()) % body.count] = next() }
      let status = [200, 400, 429, 500][round % 4]
      switch classifier.classify(status: status, body: body) {
      case .success: #expect(status == 200)
      case .failure(let error): #expect(error.status == status)
      }
    }
  }
}
