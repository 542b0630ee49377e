/// Takes the code fence off an answer: models like to wrap JSON into one.
enum CodeFence {
  /// The text inside the fence where the text is one fenced block, else the text itself.
  static func removed(from text: [UInt8]) -> [UInt8] {
    let fence = Array("```".utf8)
    let trimmed = trimmed(text[...])
    guard trimmed.count >= 2 * fence.count, trimmed.starts(with: fence), trimmed.suffix(fence.count) == fence[...]
    else {
      return text
    }
    // Behind the opening fence stands the language, up to the end of the line.
    guard let lineEnd = trimmed.firstIndex(of: UInt8(ascii: "\n")), lineEnd < trimmed.endIndex - fence.count else {
      return Array(trimmed.dropFirst(fence.count).dropLast(fence.count))
    }
    return Array(trimmed[(lineEnd + 1)..<(trimmed.endIndex - fence.count)])
  }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var bytes = bytes.drop { $0 <= UInt8(ascii: " ") }
    while let last = bytes.last, last <= UInt8(ascii: " ") { bytes.removeLast() }
    return bytes
  }
}
