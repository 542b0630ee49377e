internal import JobrunModel

/// One line of the table by which a provider's words tell apart what its status does not.
///
/// The first rule that matches decides; without one the status does. Sources: the error references of OpenAI,
/// Azure, Anthropic, Gemini, OpenRouter, DeepSeek, Mistral, vLLM, llama.cpp and Ollama.
struct ErrorRule {
  /// Statuses for which the rule holds; empty: any.
  var statuses: Set<Int> = []
  /// Codes or types, as the provider spells them.
  var names: Set<String> = []
  /// Words of the message, in lower case; one is enough.
  var words: [String] = []
  var errorClass: ErrorClass

  func matches(status: Int, said: ErrorBody) -> Bool {
    guard statuses.isEmpty || statuses.contains(status) else { return false }
    if let code = said.code, names.contains(code) { return true }
    if let type = said.type, names.contains(type) { return true }
    guard !words.isEmpty, let message = said.message?.lowercased() else { return false }
    return words.contains { message.contains($0) }
  }

  static let all: [ErrorRule] = [
    // Money: no wait helps.
    ErrorRule(
      names: [
        "insufficient_quota", "credit_balance_exhausted", "organization_spend_limit_exceeded",
        "project_spend_limit_exceeded", "organization_usage_limit_exceeded", "enforced_spend_limit_reached",
        "billing_error", "billing_hard_limit_reached", "insufficient_credits",
      ], errorClass: .quota),
    ErrorRule(statuses: [402], words: ["balance", "credit"], errorClass: .quota),
    ErrorRule(statuses: [403], words: ["quota"], errorClass: .quota),

    // A request that is larger than the whole quota never succeeds.
    ErrorRule(statuses: [429], words: ["request too large"], errorClass: .tooLarge),

    // A gateway's limit of requests at once, or of capacity: fewer at once help, a slower rate does not.
    ErrorRule(statuses: [429], words: ["concurren", "resource unavailable"], errorClass: .overloaded),

    // The prompt is too long for the model.
    ErrorRule(
      names: ["context_length_exceeded", "exceed_context_size_error", "request_too_large"],
      errorClass: .contextLength),
    ErrorRule(
      statuses: [400, 413, 422], words: ["maximum context length", "prompt is too long", "context size"],
      errorClass: .contextLength),

    // Content.
    ErrorRule(
      names: ["content_filter", "ResponsibleAIPolicyViolation", "content_policy_violation"],
      errorClass: .contentFilter),

    // The key.
    ErrorRule(
      names: ["invalid_api_key", "authentication_error", "permission_error", "API_KEY_INVALID", "UNAUTHENTICATED"],
      errorClass: .auth),
    ErrorRule(statuses: [400], words: ["api key not valid", "api_key_invalid"], errorClass: .auth),

    // Errors by name, for those that come with HTTP 200.
    ErrorRule(
      names: ["rate_limit_exceeded", "rate_limit_error", "rate_limited", "slow_down", "RESOURCE_EXHAUSTED"],
      errorClass: .rateLimit),
    ErrorRule(
      names: ["server_is_overloaded", "service_unavailable_error", "overloaded_error", "unavailable_error"],
      errorClass: .overloaded),
    ErrorRule(statuses: [200], names: ["server_error", "api_error", "internal_error"], errorClass: .server),
    ErrorRule(statuses: [200], names: ["timeout_error"], errorClass: .timeout),
    ErrorRule(
      statuses: [200], names: ["invalid_request_error", "not_found_error", "BadRequestError"],
      errorClass: .badRequest),
  ]

  /// The class that a status stands for by itself.
  static func byStatus(_ status: Int) -> ErrorClass {
    switch status {
    case 401, 403: .auth
    case 402: .quota
    case 408: .timeout
    case 413: .contextLength
    case 429: .rateLimit
    case 502, 503, 504, 529: .overloaded
    case 500..<600: .server
    case 200..<300: .badResponse
    default: .badRequest
    }
  }
}
