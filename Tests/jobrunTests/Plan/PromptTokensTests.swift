import JobrunModel
import Testing

@testable import jobrun

@Suite struct PromptTokensTests {
  @Test(
    arguments: [
      ("{}", 3), ("", 3), ("\"", 3),
      // What OpenAI counts for it: 3 a message, 1 for the role that its 3 have, the text, and 3 for the answer's start.
      (#"{"max_tokens":8,"messages":[{"content":"a","role":"user"}],"model":"m"}"#, 7),
      (#"{"messages":[{"content":"Say \"hello\"\nto me","role":"user"}],"model":"gpt-4.1-mini"}"#, 12),
      (#"{"input":"one two three","model":"m"}"#, 6),
      (
        #"{"messages":[{"content":[{"image_url":{"url":"data:image/png;base64,AAAA"},"type":"image_url"}],"role":"user"}]}"#,
        6
      ),
      // Names of a schema are prompt.
      (#"{"response_format":{"json_schema":{"schema":{"properties":{"place":{"type":"string"}}}}}}"#, 10),
    ])
  func `texts count, settings and the JSON around them do not`(body: String, tokens: Int) {
    #expect(PromptTokens.estimate(Array(body.utf8)) == tokens)
  }
}
