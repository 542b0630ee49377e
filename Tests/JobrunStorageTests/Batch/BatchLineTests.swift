import JobrunModel
import Testing

@testable import JobrunStorage

@Suite struct BatchLineTests {
  private func line(_ json: String, number: Int = 7) throws(BatchFault) -> BatchLine {
    try BatchLine(ItemRecord(content: .json(Array(json.utf8)), index: 1, line: number))
  }

  private func fault(_ json: String) -> BatchFault? {
    do throws(BatchFault) {
      _ = try line(json)
      return nil
    } catch {
      return error
    }
  }

  @Test func `the body is the bytes that stand in the line`() throws {
    let body = #"{ "model":"m" , "n": 2,"max_tokens":10,"x":[1.0,"\u00e9 é"] }"#
    let line = try line(
      #"{"url":"/v1/chat/completions","custom_id":"a\"b","body": "# + body + #" ,"method":"POST"}"#)
    #expect(String(decoding: line.body, as: UTF8.self) == body)
    #expect(line.customID == "a\"b")
    #expect(line.form == .openAI)
    #expect(line.model == "m")
    #expect(line.maximumOutputTokens == 20)
  }

  @Test(
    arguments: [
      ("/v1/chat/completions", .chat), ("/chat/completions", .chat), ("/v1/responses", .responses),
      ("/v1/embeddings", .embeddings), ("/v1/messages", .messages),
    ] as [(String, WireAPI)])
  func `the url says which form the request has`(url: String, api: WireAPI) throws {
    let line = try line(#"{"custom_id":"a","method":"POST","url":"\#(url)","body":{"model":"m"}}"#)
    #expect(line.api == api)
    #expect(line.maximumOutputTokens == nil)
  }

  @Test func `a line with params is Anthropic's`() throws {
    let line = try line(#"{"custom_id":"a","params":{"model":"claude","max_tokens":3}}"#)
    #expect(line.form == .anthropic && line.api == .messages)
    #expect(line.body == Array(#"{"model":"claude","max_tokens":3}"#.utf8))
    #expect(line.maximumOutputTokens == 3)
  }

  @Test func `a failed line comes back with its request`() throws {
    let item = #"{"custom_id":"a","method":"POST","url":"/v1/embeddings","body":{"model":"m"}}"#
    let failed = #"{"id":"a","index":3,"item":"# + item + #","error":{"class":"timeout"}}"#
    for text in [failed, item] {
      let record = ItemRecord(content: .failedJSON(Array(text.utf8)), index: 1, line: 1)
      #expect(try BatchLine(record).customID == "a")
    }
  }

  @Test(
    arguments: [
      ("[1]", "not a JSON object", nil), ("{\"custom_id\":\"a\"", "not a JSON object", nil),
      (#"{"method":"POST"}"#, "custom_id: a text expected, got nothing", nil),
      (#"{"custom_id":7}"#, "custom_id: a text expected, got 7", nil),
      (#"{"custom_id":""}"#, "custom_id: a text expected, got \"\"", nil),
      (#"{"custom_id":"a"}"#, "it has no body", "a"),
      (#"{"custom_id":"a","body":{"model":"m"}}"#, "method: \"POST\" expected, got nothing", "a"),
      (#"{"custom_id":"a","method":"GET","body":{}}"#, "method: \"POST\" expected, got \"GET\"", "a"),
      (#"{"custom_id":"a","method":"POST","url":null,"body":{}}"#, "url: one of /v1/chat/completions, ", "a"),
      (#"{"custom_id":"a","method":"POST","url":"/v1/score","body":{}}"#, "url: \"/v1/score\" is not supported", "a"),
      (#"{"custom_id":"a","method":"POST","url":"/v1/embeddings","body":[]}"#, "body: an object expected", "a"),
      (#"{"custom_id":"a","method":"POST","url":"/v1/embeddings","body":{}}"#, "body.model: a text expected", "a"),
      (#"{"custom_id":"a","params":{"model":1}}"#, "params.model: a text expected, got 1", "a"),
      (#"{"custom_id":"a","params":{"model":"m","stream":true}}"#, "params.stream: ", "a"),
    ] as [(String, String, String?)])
  func `what is wrong is told with its line and what would be right`(
    json: String, reason: String, customID: String?
  ) {
    let found = fault(json)
    #expect(found?.reason.hasPrefix("line 7: \(reason)") == true, "\(found?.reason ?? "none")")
    #expect(found?.customID == customID)
  }

  @Test func `numbers that no computer holds are no limit`() throws {
    let huge = #"{"custom_id":"a","params":{"model":"m","max_tokens":9223372036854775807,"n":99}}"#
    #expect(try line(huge).maximumOutputTokens == .max)
    let odd = #"{"custom_id":"a","params":{"model":"m","max_tokens":1e400,"n":-3}}"#
    #expect(try line(odd).maximumOutputTokens == nil)
  }
}
