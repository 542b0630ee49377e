/// The form in which a provider takes requests and gives answers.
public enum WireAPI: String, Sendable, CaseIterable {
  /// OpenAI's Chat Completions, which nearly every provider speaks.
  case chat
  /// OpenAI's Responses.
  case responses
  /// OpenAI's Embeddings.
  case embeddings
  /// Anthropic's Messages.
  case messages

  /// What follows the base URL.
  public var path: String {
    switch self {
    case .chat: "/chat/completions"
    case .responses: "/responses"
    case .embeddings: "/embeddings"
    case .messages: "/messages"
    }
  }
}
