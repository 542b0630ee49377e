import JobrunModel
import Testing

@testable import JobrunStorage

@Suite struct BatchAnswerLineTests {
  private func answer(_ body: String, headers: String = "") -> Answer {
    Answer(
      status: 200, headers: Array(headers.utf8), body: Array(body.utf8), reply: ReplyFields(text: []), latency: .zero)
  }

  private func text(_ line: [UInt8]) -> String { String(decoding: line, as: UTF8.self) }

  @Test func `an answer's body stands in its line as it came`() {
    let body = #"{"id":1.0, "x":"\u00e9é","y" : [ ]}"#
    let line = BatchAnswerLine.encode(
      answer(body, headers: "Content-Type: x\r\nX-Request-ID:  req_1\r\n"), customID: "a\"b", line: 3, form: .openAI)
    #expect(
      text(line)
        == #"{"id":"jobrun-3","custom_id":"a\"b","response":{"status_code":200,"request_id":"req_1","body":\#(body)},"error":null}"#
    )
    #expect(
      text(BatchAnswerLine.encode(answer(body), customID: "a", line: 3, form: .anthropic))
        == #"{"custom_id":"a","result":{"type":"succeeded","message":\#(body)}}"#)
  }

  @Test func `a body on several lines becomes one line`() {
    let line = BatchAnswerLine.encode(
      answer("{\r\n  \"a\": \"x\\ny\u{2028}\",\n  \"b\": 1\n}\n"), customID: "a", line: 1, form: .openAI)
    #expect(!line.contains(0x0A) && !line.contains(0x0D))
    #expect(text(line).contains(#""body":{  "a": "x\ny\u2028",  "b": 1}}"#), "\(text(line))")
    #expect(JSONScanner.isValid(line))
  }

  private static let refused = #"{"error":{"message":"no"}}"#

  @Test(
    arguments: [
      (
        .badRequest, 400, refused,
        #""response":{"status_code":400,"request_id":"","body":{"error":{"message":"no"}}},"error":null}"#
      ),
      (
        .overloaded, 502, "<html>",
        #""body":{"type":"error","error":{"type":"overloaded","code":null,"message":"told"}}},"error":null}"#
      ),
      (.timeout, 408, nil, #""response":null,"error":{"code":"timeout","message":"told"}}"#),
      (.timeout, 408, refused, #""response":{"status_code":408,"#),
      (.network, 0, nil, #""response":null,"error":{"code":"network","message":"told"}}"#),
      (.server, 200, refused, #""response":null,"error":{"code":"server","message":"told"}}"#),
      (.badResponse, 200, "half {", #""response":null,"error":{"code":"bad_response","message":"told"}}"#),
    ] as [(ErrorClass, Int, String?, String)])
  func `an HTTP error is a response, everything else an error`(
    errorClass: ErrorClass, status: Int, body: String?, expected: String
  ) {
    var error = AttemptError(errorClass, status: status, message: "told", dispatched: .yes)
    error.body = body.map { Array($0.utf8) }
    let line = BatchAnswerLine.encode(error, customID: "a", line: 3, form: .openAI)
    #expect(text(line).hasPrefix(#"{"id":"jobrun-3","custom_id":"a","#))
    #expect(text(line).contains(expected), "\(text(line))")
    #expect(JSONScanner.isValid(line))
    let other = BatchAnswerLine.encode(error, customID: "a", line: 3, form: .anthropic)
    #expect(text(other).hasPrefix(#"{"custom_id":"a","result":{"type":"errored","error":{"#))
    #expect(JSONScanner.isValid(other))
  }

  @Test func `a line that was not sent says why, with or without its name`() {
    let line = BatchAnswerLine.encode(code: "bad_input", message: "line 3: x", customID: nil, line: 3, form: .openAI)
    #expect(
      text(line)
        == #"{"id":"jobrun-3","custom_id":null,"response":null,"error":{"code":"bad_input","message":"line 3: x"}}"#)
    let other = BatchAnswerLine.encode(code: "c", message: "m", customID: "a", line: 3, form: .anthropic)
    #expect(
      text(other)
        == #"{"custom_id":"a","result":{"type":"errored","error":{"type":"error","error":{"type":"c","message":"m"}}}}"#
    )
  }

  @Test func `what jobrun writes it reads as results`() {
    let body = #"{"choices":[]}"#
    for form in [BatchLine.Form.openAI, .anthropic] {
      let line = BatchAnswerLine.encode(answer(body), customID: "a", line: 1, form: form)
      #expect(ResultLine(line)?.customID == "a")
      guard case .answer(Array(body.utf8), _) = ResultLine(line)?.outcome else {
        Issue.record("no answer: \(text(line))")
        continue
      }
      let error = AttemptError(.timeout, status: 408, message: "late", dispatched: .maybe)
      let failed = BatchAnswerLine.encode(error, customID: "a", line: 1, form: form)
      guard case .failed(let words) = ResultLine(failed)?.outcome else {
        Issue.record("no failure: \(text(failed))")
        continue
      }
      #expect(words.contains("late"))
    }
  }
}
