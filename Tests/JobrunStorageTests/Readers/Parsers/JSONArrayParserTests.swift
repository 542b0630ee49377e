import Testing

@testable import JobrunStorage

@Suite("Records of a JSON file")
struct JSONArrayParserTests {
  @Test(
    "The elements of the array are the records, wherever the chunks end",
    arguments: [
      ("[]", []), ("", []), (" \n", []), ("\u{FEFF}[ ]\n", []),
      (#"[{"a":1},{"a":2}]"#, [#"1@1 {"a":1}"#, #"2@1 {"a":2}"#]),
      ("[\n  {\n    \"a\": [1, 2],\r\n    \"b\": {}\n  },\n  {}\n]\n", [#"1@2 { "a": [1, 2], "b": {} }"#, "2@6 {}"]),
      (#"[{"a":"],}\"[\\"},{"b":"é"}]"#, [#"1@1 {"a":"],}\"[\\"}"#, #"2@1 {"b":"é"}"#]),
      (#"{"a":1,"b":[{}]} "#, [#"1@1 {"a":1,"b":[{}]}"#]),
      // What is no object fails where it is decoded, and alone.
      (#"[1, "a,]", null ,[{}],{"a":}]"#, ["1@1 1", #"2@1 "a,]""#, "3@1 null", "4@1 [{}]", #"5@1 {"a":}"#]),
    ] as [(String, [String])])
  func elements(input: String, expected: [String]) {
    #expect(parse(input, with: JSONArrayParser()) == expected)
  }

  @Test(
    "An input that is no array or object, or not a whole one, is refused with its line",
    arguments: [
      ("5", "badInput: line 1: a JSON array of objects expected, or one object"),
      ("\n\"a\"", "badInput: line 2: a JSON array of objects expected, or one object"),
      ("[{}", "badInput: line 1: the input ends inside its JSON array"),
      ("[\n{\"a\":\"", "badInput: line 2: the input ends inside its JSON array"),
      ("[{},\n", "badInput: line 2: the input ends inside its JSON array"),
      ("{\"a\":", "badInput: line 1: the input ends inside its JSON object"),
      ("[,1]", "badInput: line 1: an element of the array is missing before \",\""),
      ("[1,\n]", "badInput: line 2: an element of the array is missing before \"]\""),
      // Behind an object in an array its own decoder finds the fault.
      ("[{} {}]", "1@1 {} {}"),
      ("[]\n{}", "badInput: line 2: there is something behind the JSON array"),
      ("{}\n{}", "badInput: line 2: there is something behind the JSON object"),
    ])
  func refused(input: String, expected: String) {
    #expect(parse(input, with: JSONArrayParser()) == [expected])
  }

  @Test("An element above the cap, and one that is not UTF-8, fail alone")
  func malformed() {
    let long = #"{"a":""# + String(repeating: "x", count: 64) + #""}"#
    #expect(
      parse("[\(long),{}]", with: JSONArrayParser(cap: 32)) == [
        "1@1 ! line 1: an element longer than 32 bytes <\(long.prefix(32))>", "2@1 {}",
      ])
    let bytes = Array(#"[{"a":""#.utf8) + [0xC3] + Array(#""},{}]"#.utf8)
    #expect(
      parse(bytes, with: JSONArrayParser()) == [
        "1@1 ! line 1: invalid UTF-8 in the element that begins here <{\"a\":\"\u{FFFD}\"}>", "2@1 {}",
      ])
  }
}
