/// What the model says to a request: a text, or a call of a tool. The same request has the same answer.
struct TextAnswer: Sendable {
  /// The answer's text, or the arguments of the call.
  var text: String
  /// The tool that is called; nil: `text` is for the user.
  var tool: String?
  var promptTokens: Int
  var completionTokens: Int

  init(_ request: TextRequest, echo: Bool) {
    let prompt = request.prompt
    if let tool = request.tool {
      self.tool = tool.name
      text = SchemaSample.value(of: tool.schema, prompt: prompt ?? "", isObject: true).json
    } else if let schema = request.schema {
      text = SchemaSample.value(of: schema, prompt: prompt ?? "", isObject: false).json
    } else if let result = request.toolResult {
      text = "[mock] The tool says: " + result
    } else if let prompt {
      text = echo ? prompt : "[mock] " + Self.beginning(of: prompt)
    } else {
      text = "[mock]"
    }
    promptTokens = CompletionWriter.tokens(ofCharacters: request.characters)
    completionTokens = CompletionWriter.tokens(ofCharacters: text.unicodeScalars.count)
  }

  /// The first words, as in a plain answer.
  private static func beginning(of prompt: String) -> String {
    var (words, count) = ("".unicodeScalars, 0)
    var spaces = 0
    for scalar in prompt.unicodeScalars {
      if scalar == " " { spaces += 1 }
      if spaces == 12 || count == 120 { return String(words) + " …" }
      words.append(scalar)
      count += 1
    }
    return prompt
  }

  /// The text as a stream's deltas: its words, or so many pieces; some are empty where the text is too short.
  func pieces(_ count: Int?) -> [String] {
    let scalars = Array(text.unicodeScalars)
    func piece(_ range: Range<Int>) -> String {
      var result = ""
      result.unicodeScalars.append(contentsOf: scalars[range])
      return result
    }
    if let count {
      let count = min(max(1, count), 1 << 16)
      return (0..<count).map { piece(scalars.count * $0 / count..<scalars.count * ($0 + 1) / count) }
    }
    var (pieces, start): ([String], Int) = ([], 0)
    for index in scalars.indices where scalars[index] == " " {
      pieces.append(piece(start..<index + 1))
      start = index + 1
    }
    if start < scalars.count || pieces.isEmpty { pieces.append(piece(start..<scalars.count)) }
    return pieces
  }
}
