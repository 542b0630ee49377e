import Testing

@testable import JobrunHTTP

@Suite struct HeaderBlockTests {
  private func pairs(_ block: HeaderBlock) -> [String] {
    var pairs: [String] = []
    block.forEach { pairs.append("\($0)=\($1)") }
    return pairs
  }

  @Test func `a name is found in any case, its value without the blanks around it`() {
    let block = HeaderBlock("Content-Type: application/json\r\nRETRY-AFTER:\t 7 \t\r\nx-empty:\r\nx-blank:  \t\r\n")
    #expect(block["content-type"] == "application/json")
    #expect(block["retry-after"] == "7")
    #expect(block["x-empty"] == "")
    #expect(block["x-blank"] == "")
    #expect(block["x-absent"] == nil)
    #expect(block["retry"] == nil)
  }

  @Test func `the last of several values counts, and all are gone through in order`() {
    let block = HeaderBlock("retry-after: 7\r\ndate: x\r\nRetry-After: 9\r\n")
    #expect(block["retry-after"] == "9")
    #expect(pairs(block) == ["retry-after=7", "date=x", "retry-after=9"])
  }

  @Test func `a value may hold colons, and a line without one is passed over`() {
    let block = HeaderBlock("nonsense\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\n: nameless\r\n\r\n")
    #expect(block["date"] == "Sun, 06 Nov 1994 08:49:37 GMT")
    #expect(pairs(block) == ["date=Sun, 06 Nov 1994 08:49:37 GMT", "=nameless"])
  }

  @Test func `line feeds alone and a last line without an end do as well`() {
    #expect(pairs(HeaderBlock("a: 1\nb: 2")) == ["a=1", "b=2"])
    #expect(pairs(HeaderBlock("")).isEmpty)
    #expect(pairs(HeaderBlock("\r\n\n\r")).isEmpty)
  }

  @Test func `bytes that are no UTF-8 spoil only their own value`() {
    let block = HeaderBlock(Array("a: x".utf8) + [0xFF, 0xFE] + Array("\r\nb: 2\r\n".utf8))
    #expect(block["a"] == "x\u{FFFD}\u{FFFD}")
    #expect(block["b"] == "2")
  }

  @Test func `any bytes at all are read without a trap`() {
    var random = SeededRandom(seed: 2)
    for round in 0..<10_000 {
      let bytes =
        round % 2 == 0
        ? random.bytes(longest: 80) : random.mutation(of: "retry-after: 7\r\nx-ratelimit-limit-requests: 60\r\n")
      HeaderBlock(bytes).forEach { name, value in
        #expect(!name.contains("\r") && !name.contains("\n"))
        #expect(!value.hasPrefix(" ") && !value.hasSuffix("\t"))
      }
    }
  }
}
