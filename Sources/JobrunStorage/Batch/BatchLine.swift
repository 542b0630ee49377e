public import JobrunModel

/// A line of a batch file: a request as it is to go out, and what its answer is called.
public struct BatchLine: Sendable, Equatable {
  /// Whose lines they are.
  public enum Form: Sendable, Equatable {
    /// `{"custom_id", "method", "url", "body"}`: OpenAI's, vLLM's and most others'.
    case openAI
    /// `{"custom_id", "params"}`.
    case anthropic
  }

  public var customID: String
  public var form: Form
  /// The form of the request, by the line's `url`.
  public var api: WireAPI
  /// The request's bytes as they stand in the file.
  public var body: [UInt8]
  public var model: String
  /// The output tokens that the body allows, all choices together; nil where it does not say.
  public var maximumOutputTokens: Int?

  /// Reads a record of the input. A line of a `*.failed.jsonl` gives its `item`.
  ///
  /// - Throws: `BatchFault` that names the line and what would be right.
  public init(_ record: ItemRecord) throws(BatchFault) {
    let line: [UInt8]
    switch record.content {
    case .json(let bytes), .text(let bytes): line = bytes
    case .failedJSON(let bytes): line = JSONScanner.range(of: "item", in: bytes).map { Array(bytes[$0]) } ?? bytes
    case .malformed(let reason, _):
      throw BatchFault(reason: reason.hasPrefix("line ") ? reason : "line \(record.line): \(reason)")
    case .columns: throw BatchFault(reason: "line \(record.line): a batch file is JSON lines, not CSV")
    }
    do throws(BatchFault) {
      try self.init(line: line)
    } catch {
      throw BatchFault(reason: "line \(record.line): \(error.reason)", customID: error.customID)
    }
  }

  init(line: [UInt8]) throws(BatchFault) {
    let members = JSONMembers(line, of: ["custom_id", "method", "url", "body", "params"])
    guard members.isObject else { throw BatchFault(reason: "not a JSON object") }
    let customID = members["custom_id"].flatMap { JSONMembers.string(line[$0]) }
    guard let customID, !customID.isEmpty else {
      throw BatchFault(reason: "custom_id: a text expected, got \(members.shown("custom_id"))")
    }
    self.customID = customID
    do throws(BatchFault) {
      let place: Range<Int>
      (form, api, place) = try Self.request(in: line, members)
      body = Array(line[place])
      (model, maximumOutputTokens) = try Self.facts(of: body, named: form == .anthropic ? "params" : "body")
    } catch {
      throw BatchFault(reason: error.reason, customID: customID)
    }
  }

  private static func request(
    in line: [UInt8], _ members: JSONMembers
  ) throws(BatchFault) -> (Form, WireAPI, Range<Int>) {
    if let params = members["params"], members["body"] == nil { return (.anthropic, .messages, params) }
    guard let body = members["body"] else { throw BatchFault(reason: "it has no body") }
    let method = members["method"].flatMap { JSONMembers.string(line[$0]) }
    guard method == "POST" else {
      throw BatchFault(reason: "method: \"POST\" expected, got \(members.shown("method"))")
    }
    guard let url = members["url"].flatMap({ JSONMembers.string(line[$0]) }) else {
      throw BatchFault(reason: "url: one of \(supported) expected, got \(members.shown("url"))")
    }
    guard let api = api(of: url) else {
      throw BatchFault(reason: "url: \"\(url)\" is not supported; one of \(supported) expected")
    }
    return (.openAI, api, body)
  }

  /// What a line's `url` stands for; the `/v1` may be missing.
  private static func api(of url: String) -> WireAPI? {
    let path = url.hasPrefix("/v1/") ? String(url.dropFirst(3)) : url
    return WireAPI.allCases.first { $0.path == path }
  }

  private static let supported = WireAPI.allCases.map { "/v1" + $0.path }.joined(separator: ", ")

  private static func facts(of body: [UInt8], named name: String) throws(BatchFault) -> (String, Int?) {
    let members = JSONMembers(body, of: ["model", "n", "stream"] + OutputLimit.names)
    guard members.isObject else { throw BatchFault(reason: "\(name): an object expected") }
    guard let model = members["model"].flatMap({ JSONMembers.string(body[$0]) }), !model.isEmpty else {
      throw BatchFault(reason: "\(name).model: a text expected, got \(members.shown("model"))")
    }
    if members["stream"].map({ body[$0].elementsEqual("true".utf8) }) == true {
      throw BatchFault(reason: "\(name).stream: the requests of a batch file are not streamed; leave it out")
    }
    let most = OutputLimit.names.lazy.compactMap { members.integer($0) }.first
    return (model, OutputLimit.total(most, choices: members.integer("n")))
  }
}

/// What is wrong with a line of a batch file.
public struct BatchFault: Error, Sendable, Equatable {
  public var reason: String
  /// The line's name, where it has one.
  public var customID: String?

  public init(reason: String, customID: String? = nil) {
    self.reason = reason
    self.customID = customID
  }
}
