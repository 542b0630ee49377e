public import JobrunModel

/// A provider that jobrun knows by name.
public struct EndpointPreset: Sendable, Equatable {
  public var name: String
  /// The URL before `/chat/completions`; nil where `baseURLEnvironment` must give it.
  public var baseURL: String?
  /// The environment variable that gives the base URL, where the provider's own tools have one.
  public var baseURLEnvironment: String?
  /// What follows the base URL from the environment.
  public var baseURLSuffix: String = ""
  /// The environment variable that holds the key.
  public var keyEnvironment: String?
  public var needsKey: Bool = true
  /// The header that carries the key, with what stands before it.
  public var keyHeader: String = "Authorization: Bearer "
  /// The environment variable that holds a token, sent as `Authorization: Bearer` where there is no key.
  public var tokenEnvironment: String?
  /// The form of requests that it takes; nil: chat.
  public var api: WireAPI?
  /// Headers that it wants with every request.
  public var headers: [String: String] = [:]
  /// Headers whose values are in the environment, where they are.
  public var headerEnvironment: [String: String] = [:]
  /// The environment variable that gives the version of an API whose URLs name the model, where it is set.
  public var versionEnvironment: String?

  /// All presets, in the order in which the environment is asked for their keys.
  public static let all: [EndpointPreset] = [
    EndpointPreset(
      name: "holysheep", baseURL: "https://api.holysheep.ai/v1", keyEnvironment: "HOLYSHEEP_API_KEY"),
    EndpointPreset(
      name: "openai", baseURL: "https://api.openai.com/v1", baseURLEnvironment: "OPENAI_BASE_URL",
      keyEnvironment: "OPENAI_API_KEY",
      headerEnvironment: ["OpenAI-Organization": "OPENAI_ORG_ID", "OpenAI-Project": "OPENAI_PROJECT_ID"]),
    EndpointPreset(
      name: "anthropic", baseURL: "https://api.anthropic.com/v1", baseURLEnvironment: "ANTHROPIC_BASE_URL",
      baseURLSuffix: "/v1", keyEnvironment: "ANTHROPIC_API_KEY", keyHeader: "x-api-key: ",
      tokenEnvironment: "ANTHROPIC_AUTH_TOKEN", api: .messages, headers: ["anthropic-version": "2023-06-01"]),
    EndpointPreset(
      name: "azure", baseURL: nil, baseURLEnvironment: "AZURE_OPENAI_ENDPOINT", baseURLSuffix: "/openai/v1",
      keyEnvironment: "AZURE_OPENAI_API_KEY", keyHeader: "api-key: ", tokenEnvironment: "AZURE_OPENAI_AD_TOKEN",
      versionEnvironment: "OPENAI_API_VERSION"),
    EndpointPreset(
      name: "gemini", baseURL: "https://generativelanguage.googleapis.com/v1beta/openai",
      keyEnvironment: "GEMINI_API_KEY"),
    EndpointPreset(name: "openrouter", baseURL: "https://openrouter.ai/api/v1", keyEnvironment: "OPENROUTER_API_KEY"),
    EndpointPreset(name: "deepseek", baseURL: "https://api.deepseek.com/v1", keyEnvironment: "DEEPSEEK_API_KEY"),
    EndpointPreset(name: "groq", baseURL: "https://api.groq.com/openai/v1", keyEnvironment: "GROQ_API_KEY"),
    EndpointPreset(name: "mistral", baseURL: "https://api.mistral.ai/v1", keyEnvironment: "MISTRAL_API_KEY"),
    EndpointPreset(name: "ollama", baseURL: "http://localhost:11434/v1", needsKey: false),
    EndpointPreset(
      name: "vllm", baseURL: "http://localhost:8000/v1", keyEnvironment: "VLLM_API_KEY", needsKey: false),
    EndpointPreset(
      name: "llamacpp", baseURL: "http://localhost:8080/v1", keyEnvironment: "LLAMA_API_KEY", needsKey: false),
    EndpointPreset(name: "mock", baseURL: "http://127.0.0.1:8089/v1", needsKey: false),
  ]

  public static func named(_ name: String) -> EndpointPreset? { all.first { $0.name == name } }
}
