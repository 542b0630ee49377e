import Foundation
import JobrunModel
import Testing

@testable import JobrunStorage

@Suite struct ResultLineTests {
  private static let body = #"{"id":"c", "choices":[{"message":{"content":"x"}}]}"#

  @Test(
    arguments: [
      // OpenAI, and vLLM's new form
      (
        #"{"id":"batch_req_1","custom_id":"a","response":{"status_code":200,"request_id":"req_1","body":BODY},"error":null}"#,
        "req_1"
      ),
      (#"{"custom_id":"a","response":{"status_code":200,"body":BODY}}"#, nil),
      (#"{"custom_id":"a","response":{"status_code":200,"body":BODY},"error":{}}"#, nil),
      // vLLM's old form
      (#"{"id":"vllm-1","custom_id":"a","response":BODY,"error":null}"#, nil),
      // Anthropic
      (#"{"custom_id":"a","result":{"type":"succeeded","message":BODY}}"#, nil),
    ] as [(String, String?)])
  func `an answer is taken out of every form as it stands`(line: String, requestID: String?) throws {
    let line = line.replacingOccurrences(of: "BODY", with: Self.body)
    let result = try #require(ResultLine(Array(line.utf8)))
    #expect(result.customID == "a")
    #expect(result.outcome == .answer(body: Array(Self.body.utf8), requestID: requestID))
  }

  @Test(
    arguments: [
      // OpenAI's error file: an HTTP error, and one that is none
      (
        #"{"custom_id":"a","response":{"status_code":400,"request_id":"r","body":{"error":{"message":"bad","code":"x"}}},"error":null}"#,
        "400: x: bad"
      ),
      (#"{"custom_id":"a","response":null,"error":{"code":"batch_expired","message":"late"}}"#, "batch_expired: late"),
      // vLLM
      (
        #"{"custom_id":"a","response":{"status_code":400,"request_id":"r","body":null},"error":"no model"}"#,
        "400: no model"
      ),
      (
        #"{"custom_id":"a","response":{"status_code":400,"body":null},"error":{"error":{"message":"no","code":400}}}"#,
        "400: no"
      ),
      (#"{"custom_id":"a","response":{"status_code":400,"body":{"object":"error","message":"m"}}}"#, "400: m"),
      (#"{"custom_id":"a","response":{"object":"error","error":{"message":"m"}}}"#, "m"),
      // Together
      (#"{"batch_id":"b","custom_id":"a","response":{"status_code":500,"message":"oops"}}"#, "500: oops"),
      // Anthropic
      (
        #"{"custom_id":"a","result":{"type":"errored","error":{"type":"error","error":{"type":"invalid_request_error","message":"m"}}}}"#,
        "errored: m"
      ),
      (#"{"custom_id":"a","result":{"type":"canceled"}}"#, "canceled"),
      (#"{"custom_id":"a","result":{"type":"expired"}}"#, "expired"),
      (#"{"custom_id":"a","result":{"type":"succeeded"}}"#, "succeeded"),
      // And what nobody writes
      (#"{"custom_id":"a"}"#, "no response"), (#"{"custom_id":"a","response":7}"#, "no response that can be read"),
      (#"{"custom_id":"a","response":{"status_code":200,"body":"text"}}"#, "200: text"),
      (#"{"custom_id":"a","response":{"status_code":200,"body":BODY},"error":"but"}"#, "200: but"),
      (#"{"custom_id":"a","result":null}"#, "no type"),
    ] as [(String, String)])
  func `a failure is told in the service's words`(line: String, words: String) throws {
    let line = line.replacingOccurrences(of: "BODY", with: Self.body)
    #expect(try #require(ResultLine(Array(line.utf8))).outcome == .failed(words))
  }

  @Test(arguments: ["", "[]", "{", #"{"response":{}}"#, #"{"custom_id":7}"#, #"{"custom_id":"a"} x"#])
  func `a line that is no result is none`(line: String) {
    #expect(ResultLine(Array(line.utf8)) == nil)
  }
}
