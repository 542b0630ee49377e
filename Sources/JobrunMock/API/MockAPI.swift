/// What a path asks for.
enum MockAPI: Sendable, Equatable {
  case chat
  case responses
  case messages
  case countTokens
  case embeddings
  case models
  case model(String)

  /// - Parameters:
  ///   - path: Without a query and without `/v1`; Azure's begin with `/openai`.
  /// - Returns: The API, and the deployment that the path names, if any; nil for unknown paths.
  static func named(by path: Substring) -> (api: MockAPI, deployment: String?)? {
    var path = path
    var deployment: String?
    if path.hasPrefix("/openai/deployments/") {
      path = path.dropFirst("/openai/deployments/".count)
      let name = path.prefix { $0 != "/" }
      deployment = String(name)
      path = path.dropFirst(name.count)
    } else if path.hasPrefix("/openai/v1/") {
      path = path.dropFirst("/openai/v1".count)
    }
    let api: MockAPI? =
      switch path {
      case "/chat/completions": .chat
      case "/responses": .responses
      case "/messages": .messages
      case "/messages/count_tokens": .countTokens
      case "/embeddings": .embeddings
      case "/models": .models
      default: path.hasPrefix("/models/") && path.count > 8 ? .model(String(path.dropFirst(8))) : nil
      }
    return api.map { ($0, deployment) }
  }

  var method: String {
    switch self {
    case .models, .model: "GET"
    default: "POST"
    }
  }

  /// Whether its errors have Anthropic's shape.
  var isAnthropic: Bool { self == .messages || self == .countTokens }
}
