import JobrunModel
import Testing

@testable import JobrunStorage

@Suite("A line of *.failed.jsonl")
struct FailureLineTests {
  private func item(_ content: ItemRecord.Content) -> String {
    var json: [UInt8] = []
    FailureLine.append(item: content, to: &json)
    return text(json)
  }

  @Test("It has all that is known, in a fixed order")
  func full() {
    let failure = ItemFailure(
      .rateLimit, status: 429, code: "slow_down", message: "too \"fast\"\n", attempts: 5, dispatched: .yes,
      hook: "parse", traceback: "x.lua:1")
    let line = FailureLine.encode(
      id: .string("a\"b"), record: ItemRecord(content: .text(Array("é".utf8)), index: 7, line: 9), failure: failure)
    #expect(
      text(line) == #"{"id":"a\"b","index":7,"item":{"text":"é"},"error":{"class":"rate_limit","status":429,"#
        + #""code":"slow_down","message":"too \"fast\"\n","attempts":5,"dispatched":"yes","hook":"parse","#
        + #""traceback":"x.lua:1"}}"#)
  }

  @Test("Keys without a value are left out")
  func short() {
    let line = FailureLine.encode(
      id: .integer(-7), record: ItemRecord(content: .json(Array("[1]".utf8)), index: 1, line: 1),
      failure: ItemFailure(.badInput, message: "no"))
    #expect(
      text(line) == #"{"id":-7,"index":1,"item":[1],"error":{"class":"bad_input","status":0,"message":"no","#
        + #""attempts":0,"dispatched":"no"}}"#)
  }

  @Test(
    "A JSON record is written as it was; what is no JSON as a string",
    arguments: [
      (#"{"b": 1.0, "a":12345678901234567890}"#, #"{"b": 1.0, "a":12345678901234567890}"#),
      ("{\"a\":\"\u{2028}\"}", #"{"a":"\u2028"}"#),
      ("{broken \"x\"", #""{broken \"x\"""#),
    ])
  func json(line: String, expected: String) { #expect(item(.json(Array(line.utf8))) == expected) }

  @Test("Invalid UTF-8 inside JSON makes it a string")
  func invalidUTF8() { #expect(item(.json([0x22, 0xFF, 0x22])) == "\"\\\"\u{FFFD}\\\"\"") }

  @Test("A record of a CSV is an object in the order of its columns")
  func columns() {
    let names = ColumnNames(["b", "a\"", "c"])
    #expect(
      item(.columns(names, [Array("1".utf8), Array("x\ny".utf8), []])) == #"{"b":"1","a\"":"x\ny","c":""}"#)
    #expect(item(.columns(ColumnNames([]), [])) == "{}")
  }

  @Test(
    "An item that failed before keeps its own item",
    arguments: [
      (#"{"id":1,"index":1,"item":{"text":"a"},"error":{"item":0}}"#, #"{"text":"a"}"#),
      (#"{"text":"a"}"#, #"{"text":"a"}"#),
      ("{broken", #""{broken""#),
    ])
  func failedJSON(line: String, expected: String) { #expect(item(.failedJSON(Array(line.utf8))) == expected) }

  @Test("A malformed record is a string, repaired and cut")
  func malformed() {
    #expect(item(.malformed(reason: "", raw: [0x61, 0xFF, 0x00])) == "\"a\u{FFFD}\\u0000\"")
    let raw = [UInt8](repeating: 0x61, count: 10_000)
    #expect(item(.malformed(reason: "", raw: raw)).utf8.count == 4096 + 2)
  }
}
