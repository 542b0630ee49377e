internal import JobrunModel

/// How many tokens a request's prompt will be counted as: an estimate.
///
/// The texts of the request are counted as `jobrun.count_tokens` does; of the JSON around them what providers count is a
/// few tokens a message (OpenAI's cookbook: 3, and 3 for the answer's start).
enum PromptTokens {
  private static let aMessage = 3
  /// Keys whose values are no prompt, and which are no prompt themselves.
  private static let settings: Set<String> = ["model", "role", "type", "detail", "media_type", "tool_choice", "user"]
  /// Keys that only say where the prompt is.
  private static let places: Set<String> = [
    "messages", "content", "text", "input", "system", "instructions", "image_url", "url", "source", "data", "function",
  ]

  static func estimate(_ body: [UInt8]) -> Int {
    var tokens = aMessage
    var key = ""
    var rest = body[...]
    var depth = 0
    while let quote = rest.firstIndex(of: UInt8(ascii: "\"")) {
      for byte in rest[..<quote] {
        if byte == UInt8(ascii: "{") { depth += 1 } else if byte == UInt8(ascii: "}") { depth -= 1 }
      }
      let text = string(in: rest[(quote + 1)...], end: &rest)
      let isKey = rest.first == UInt8(ascii: ":")
      if isKey {
        key = String(decoding: text, as: UTF8.self)
        if key == "role" { tokens += aMessage }
      }
      guard !settings.contains(key), !(isKey && (depth == 1 || places.contains(key))) else { continue }
      // An image counts by its size in pixels, which nobody knows here.
      if text.starts(with: "data:".utf8) || (key == "data" && text.count > 256) { continue }
      tokens += text.withUnsafeBytes { TokenCount.estimate($0) }
    }
    return tokens
  }

  /// The string that begins here, its escapes resolved as far as they matter; `end` is what follows its quote.
  private static func string(in bytes: ArraySlice<UInt8>, end: inout ArraySlice<UInt8>) -> [UInt8] {
    var text: [UInt8] = []
    var index = bytes.startIndex
    while index < bytes.endIndex, bytes[index] != UInt8(ascii: "\"") {
      if bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.endIndex {
        index += 1
        text.append(bytes[index] == UInt8(ascii: "n") ? 0x0A : bytes[index])
      } else {
        text.append(bytes[index])
      }
      index += 1
    }
    end = bytes[min(index + 1, bytes.endIndex)...]
    return text
  }
}
