import Testing

@testable import JobrunScripting

@Suite("Header lines")
struct HeaderLinesTests {
  @Test("are read by lower-case names, equal ones joined")
  func read() {
    let headers = HeaderLines(Array("A: 1\r\nb:\t2 \r\n\r\nnone\r\na:3\r\nC:\r\nd: x:y".utf8))
    #expect(headers["a"] == "1, 3")
    #expect(headers["b"] == "2")
    #expect(headers["c"] == "")
    #expect(headers["d"] == "x:y")
    #expect(headers["none"] == nil)
    #expect(headers.fields.map(\.name) == ["a", "b", "c", "d"])
  }
}
