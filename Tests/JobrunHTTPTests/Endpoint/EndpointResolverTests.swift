import JobrunModel
import Testing

@testable import JobrunHTTP

@Suite struct EndpointResolverTests {
  private func resolve(
    _ spec: EndpointSpec? = nil, baseURL: String? = nil, allowPlaintext: Bool = false,
    _ environment: [String: String] = [:]
  ) throws(RunError) -> Endpoint {
    try EndpointResolver(baseURL: baseURL, allowPlaintext: allowPlaintext) { environment[$0] }.resolve(spec)
  }

  @Test func `without anything the error lists what to set`() throws {
    let error = #expect(throws: RunError.self) { try resolve() }
    #expect(error?.code == .job)
    let hint = try #require(error?.hint)
    for name in ["HOLYSHEEP_API_KEY", "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "--base-url", "--mock"] {
      #expect(hint.contains(name))
    }
    #expect(hint.split(separator: "\n").count < 24)  // one screen
  }

  @Test func `the first preset whose key is set answers a job that names none`() throws {
    let endpoint = try resolve(nil, ["GROQ_API_KEY": "gsk-1", "DEEPSEEK_API_KEY": " sk-2\n"])
    #expect(endpoint.name == "deepseek")
    #expect(endpoint.key?.value == "sk-2")
    #expect(endpoint.keySource == "DEEPSEEK_API_KEY")
  }

  @Test func `OPENAI_BASE_URL comes before the presets, with OPENAI_API_KEY and no other`() throws {
    let variables = [
      "OPENAI_BASE_URL": "http://localhost:9/v1/", "OPENAI_API_KEY": "sk-1", "HOLYSHEEP_API_KEY": "sk-2",
    ]
    let endpoint = try resolve(nil, variables)
    #expect(endpoint.baseURL == "http://localhost:9/v1")
    #expect(endpoint.key?.value == "sk-1")
  }

  @Test func `a base URL of this run gets a key only where it belongs`() throws {
    let variables = ["OPENAI_API_KEY": "sk-1", "GROQ_API_KEY": "gsk-1"]
    #expect(try resolve(baseURL: "http://localhost:8000/v1", variables).key == nil)
    #expect(try resolve(baseURL: "https://evil.example/v1", variables).key == nil)
    #expect(try resolve(.preset("openai"), baseURL: "https://api.openai.com.evil.example/v1", variables).key == nil)
    #expect(try resolve(baseURL: "https://api.groq.com/other", variables).key?.value == "gsk-1")
    #expect(try resolve(baseURL: "HTTPS://API.OPENAI.COM:443/v1", variables).key?.value == "sk-1")
    #expect(try resolve(baseURL: "https://api.openai.com:444/v1", variables).key == nil)
  }

  @Test func `a preset without its key says which variable to set`() {
    let error = #expect(throws: RunError.self) { try resolve(.preset("anthropic")) }
    #expect(error?.message == "no key for anthropic: ANTHROPIC_API_KEY is not set")
  }

  @Test func `servers of one's own need no key`() throws {
    #expect(try resolve(.preset("ollama")).baseURL == "http://localhost:11434/v1")
    #expect(try resolve(.preset("vllm"), ["VLLM_API_KEY": "k"]).key?.value == "k")
  }

  @Test func `azure takes its address from its own variable and its key in its own header`() throws {
    let variables = ["AZURE_OPENAI_ENDPOINT": "https://x.openai.azure.com/", "AZURE_OPENAI_API_KEY": "k"]
    let endpoint = try resolve(.preset("azure"), variables)
    #expect(endpoint.baseURL == "https://x.openai.azure.com/openai/v1")
    #expect(endpoint.keyHeader == "api-key: ")
    #expect(throws: RunError.self) { try resolve(.preset("azure"), ["AZURE_OPENAI_API_KEY": "k"]) }
  }

  @Test func `a key does not go over plain text to another machine`() throws {
    let custom = EndpointSpec.custom(CustomEndpoint(baseURL: "http://10.0.0.1/v1", apiKeyEnvironment: "K"))
    #expect(throws: RunError.self) { try resolve(custom, ["K": "secret"]) }
    #expect(try resolve(custom, allowPlaintext: true, ["K": "secret"]).key?.value == "secret")
    let local = EndpointSpec.custom(CustomEndpoint(baseURL: "http://127.0.0.1:1/v1", apiKeyEnvironment: "K"))
    #expect(try resolve(local, ["K": "secret"]).key?.value == "secret")
  }

  @Test func `a key given for this run stands in for one that the environment lacks`() throws {
    let custom = EndpointSpec.custom(CustomEndpoint(baseURL: "https://h/v1", apiKeyEnvironment: "K"))
    for spec in [custom, .preset("openai")] {
      let key = try #require(Secret("given"))
      let endpoint = try EndpointResolver(key: (key, "a file")) { _ in nil }.resolve(spec)
      #expect(endpoint.key?.value == "given")
      #expect(endpoint.keySource == "a file")
    }
  }

  @Test(arguments: [
    "", "localhost:8000", "ftp://x/v1", "http://", "http://a b/v1", "http://u:p@h/v1", "http://h:99999/",
  ])
  func `what is no base URL is refused`(url: String) {
    let error = #expect(throws: RunError.self) { try resolve(baseURL: url) }
    #expect(error?.code == .job)
  }

  @Test func `a key that no header could carry is refused, and never shown`() {
    let custom = EndpointSpec.custom(CustomEndpoint(baseURL: "https://h/v1", apiKeyEnvironment: "K"))
    let error = #expect(throws: RunError.self) { try resolve(custom, ["K": "sk-1\r\nX: y"]) }
    #expect(error?.message.contains("sk-1") == false)
    #expect("\(Secret("sk-1")!)" == "***")
    var dumped = ""
    dump(Secret("sk-1")!, to: &dumped)
    #expect(!dumped.contains("sk-1"))
  }
}
