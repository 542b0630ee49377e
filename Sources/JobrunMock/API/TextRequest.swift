/// A request to one of the text APIs that asks for more than a plain answer, as far as the server must understand it.
struct TextRequest: Sendable {
  /// A tool that the model may call.
  struct Tool: Sendable {
    var name: String
    var schema: JSONValue
  }

  /// The body is no request of its API.
  struct Problem: Error, Equatable {
    var message: String
    var param: String?
    var code: String?
  }

  var model = "mock"
  /// The last text of the last user message.
  var prompt: String?
  /// The characters of all texts together.
  var characters = 0
  var isStreaming = false
  var includesUsage = false
  /// The tool that is to be called; nil: none.
  var tool: Tool?
  /// The last message's tool result.
  var toolResult: String?
  /// What the answer's text must satisfy.
  var schema: JSONValue?
  var maximumTokens: Int?

  /// - Parameter deployment: The model, where the body names none.
  init(_ body: JSONValue, api: MockAPI, deployment: String?) throws(Problem) {
    guard body.members != nil else { throw Problem(message: "The request body must be a JSON object.") }
    model = body["model"]?.text ?? deployment ?? "mock"
    isStreaming = body["stream"]?.bool ?? false
    includesUsage = body["stream_options"]?["include_usage"]?.bool ?? false
    for name in ["max_tokens", "max_completion_tokens", "max_output_tokens"] {
      maximumTokens = body[name]?.int ?? maximumTokens
    }
    switch api {
    case .responses: try readResponses(body)
    case .messages, .countTokens: try readMessages(body, needsLimit: api == .messages)
    default: try readChat(body)
    }
    chooseTool(body, api: api)
  }

  private mutating func readChat(_ body: JSONValue) throws(Problem) {
    for message in try list(body, "messages") {
      let text = read(message["content"])
      toolResult = nil
      switch message["role"]?.text {
      case "user": prompt = text ?? prompt
      case "tool", "function": toolResult = text ?? ""
      default: break
      }
    }
    schema = Self.schema(body["response_format"], in: "json_schema")
  }

  private mutating func readResponses(_ body: JSONValue) throws(Problem) {
    _ = read(body["instructions"])
    schema = Self.schema(body["text"]?["format"], in: nil)
    if let text = body["input"]?.text {
      prompt = text
      characters += text.unicodeScalars.count
      return
    }
    for item in try list(body, "input") {
      let text = read(item["content"])
      toolResult = nil
      if item["type"]?.text == "function_call_output" {
        toolResult = read(item["output"]) ?? ""
      } else if item["role"]?.text == "user" {
        prompt = text ?? prompt
      }
    }
  }

  private mutating func readMessages(_ body: JSONValue, needsLimit: Bool) throws(Problem) {
    if needsLimit, maximumTokens == nil {
      throw Problem(message: "max_tokens: Field required", param: "max_tokens")
    }
    _ = read(body["system"])
    schema = Self.schema(body["output_config"]?["format"] ?? body["output_format"], in: nil)
    for message in try list(body, "messages") {
      let text = read(message["content"])
      toolResult = nil
      guard message["role"]?.text == "user" else { continue }
      prompt = text ?? prompt
      for block in message["content"]?.elements ?? [] where block["type"]?.text == "tool_result" {
        toolResult = read(block["content"]) ?? ""
      }
    }
  }

  private func list(_ body: JSONValue, _ name: String) throws(Problem) -> [JSONValue] {
    guard let value = body[name], value != .null else {
      throw Problem(
        message: "Missing required parameter: '\(name)'.", param: name, code: "missing_required_parameter")
    }
    guard let list = value.elements else {
      throw Problem(
        message: "Invalid type for '\(name)': expected an array of objects.", param: name, code: "invalid_type")
    }
    guard !list.isEmpty else {
      throw Problem(
        message: "Invalid '\(name)': empty array. Expected an array with minimum length 1.", param: name,
        code: "empty_array")
    }
    return list
  }

  /// Counts the texts of a content, a string or a list of parts, and gives the last.
  private mutating func read(_ content: JSONValue?) -> String? {
    if let text = content?.text {
      characters += text.unicodeScalars.count
      return text
    }
    var last: String?
    for part in content?.elements ?? [] {
      guard let text = part["text"]?.text else { continue }
      characters += text.unicodeScalars.count
      last = text
    }
    return last
  }

  private static func schema(_ format: JSONValue?, in name: String?) -> JSONValue? {
    switch format?["type"]?.text {
    case "json_schema": (name.map { format?[$0] } ?? format)?["schema"] ?? .object([])
    case "json_object": .object([.init(key: "type", value: .string("object"))])
    default: nil
    }
  }

  /// The tool that `tool_choice` names, else one whose name the prompt holds, else the first.
  private mutating func chooseTool(_ body: JSONValue, api: MockAPI) {
    let choice = body["tool_choice"]
    if toolResult != nil || choice?.text == "none" || choice?["type"]?.text == "none" { return }
    let tools = (body["tools"]?.elements ?? []).compactMap { tool -> Tool? in
      let tool = api == .chat ? tool["function"] ?? .null : tool
      guard let name = tool["name"]?.text else { return nil }
      return Tool(name: name, schema: tool["parameters"] ?? tool["input_schema"] ?? .object([]))
    }
    if let name = choice?["function"]?["name"]?.text ?? choice?["name"]?.text {
      tool = tools.first { $0.name == name }
    } else {
      let prompt = prompt ?? ""
      tool = tools.first { !$0.name.isEmpty && prompt.contains($0.name) } ?? tools.first
    }
  }
}
