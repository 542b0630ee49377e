import Testing

@testable import JobrunStorage

@Suite("Scanning JSON")
struct JSONScannerTests {
  @Test(
    "Valid JSON is valid",
    arguments: [
      "{}", "[]", "null", "true", "false", "0", "-0", "10", "-1.5e+10", "1E-2", "0.0", "\"\"", " [ 1 , 2 ] \r\n",
      #"{"a":{"b":[1,"x",null]},"c":""}"#, #""\"\\\/\b\f\n\r\t\u00e9\uD800""#, "\"é\u{2028}\u{7F}\"",
      #"{"a":1,"a":2}"#, "{ \"a\" : [ ] , \"b\" : { } }",
    ])
  func valid(json: String) { #expect(JSONScanner.isValid(Array(json.utf8))) }

  @Test(
    "Everything else is not",
    arguments: [
      "", " ", "{", "[", "}", "[1,]", "[,1]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':1}",
      "nul", "nullx", "True", "01", "1.", ".5", "-", "+1", "1e", "1e+", "0x1", "NaN", "Infinity", "\"", "\"\\\"",
      "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"a\nb\"", "\"\u{1}\"", "1 2", "{}x", "[1}", "{\"a\":1]", "\u{FEFF}{}",
      "[1]]", "//", "{\"a\" 1}",
    ])
  func invalid(json: String) { #expect(!JSONScanner.isValid(Array(json.utf8))) }

  @Test("No beginning of a JSON object is valid, and none traps")
  func truncation() {
    let json = Array(#"{"a":[1.5e-3,"\u00e9\n",true,false,null],"item":{"x":-0}}"#.utf8)
    #expect(JSONScanner.isValid(json))
    for length in 0..<json.count {
      #expect(!JSONScanner.isValid(Array(json[..<length])))
      #expect(JSONScanner.range(of: "item", in: Array(json[..<length])) == nil)
    }
  }

  @Test("512 arrays or objects inside one another are the most", arguments: [("[", "]"), ("{\"a\":", "}")])
  func depth(open: String, close: String) {
    func nested(_ depth: Int) -> [UInt8] {
      Array((String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)).utf8)
    }
    #expect(JSONScanner.isValid(nested(512)))
    #expect(!JSONScanner.isValid(nested(513)))
    #expect(!JSONScanner.isValid(nested(1_000_000)))
    #expect(JSONScanner.range(of: "a", in: nested(513)) == nil)
  }

  @Test(
    "The value of a top-level key is found as it is written",
    arguments: [
      (#"{"id":1,"item":{"item":2},"x":3}"#, #"{"item":2}"#),
      (#" { "item" : [1, "a"] } "#, #"[1, "a"]"#),
      (#"{"item":"a\"b"}"#, #""a\"b""#),
      (#"{"item":null}"#, "null"),
      (#"{"item":-1.5}"#, "-1.5"),
      (#"{"item":1,"item":2}"#, "2"),
      (#"{"a":{"item":1}}"#, nil),
      (#"["item",1]"#, nil),
      (#"{"item":1"#, nil),
      (#"{"item":1}x"#, nil),
      ("{}", nil),
      ("", nil),
    ])
  func range(json: String, value: String?) {
    let bytes = Array(json.utf8)
    #expect(JSONScanner.range(of: "item", in: bytes).map { text(Array(bytes[$0])) } == value)
  }
}
