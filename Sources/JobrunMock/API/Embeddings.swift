/// An embeddings request and its answer: each vector depends on its input alone and has the length 1.
struct Embeddings: Sendable {
  static let dimensionsLimit = 16_384
  static let inputLimit = 2048

  let model: String
  let dimensions: Int
  let isBase64: Bool
  private let inputs: [String]

  init(_ body: JSONValue, deployment: String?, dimensions usual: Int) throws(TextRequest.Problem) {
    model = body["model"]?.text ?? deployment ?? "mock"
    let asked = body["dimensions"].flatMap { $0 == .null ? nil : $0 }
    guard let dimensions = asked == nil ? usual : asked?.int, (1...Self.dimensionsLimit).contains(dimensions) else {
      throw TextRequest.Problem(
        message: "Invalid 'dimensions': expected an integer from 1 to \(Self.dimensionsLimit).", param: "dimensions",
        code: "invalid_value")
    }
    self.dimensions = dimensions
    let format = body["encoding_format"].flatMap { $0 == .null ? nil : $0 } ?? .string("float")
    guard let name = format.text, name == "float" || name == "base64" else {
      throw TextRequest.Problem(
        message: "Invalid 'encoding_format': expected \"float\" or \"base64\".", param: "encoding_format",
        code: "invalid_value")
    }
    isBase64 = name == "base64"
    guard let input = body["input"], let inputs = Self.inputs(input), !inputs.isEmpty, inputs.count <= Self.inputLimit
    else {
      throw TextRequest.Problem(
        message: "Invalid 'input': expected a string, a list of 1 to \(Self.inputLimit) strings, or lists of tokens.",
        param: "input", code: body["input"] == nil ? "missing_required_parameter" : "invalid_type")
    }
    self.inputs = inputs
  }

  private static func inputs(_ input: JSONValue) -> [String]? {
    if let text = input.text { return [text] }
    guard let list = input.elements, let first = list.first else { return nil }
    if first.int != nil { return tokens(input).map { [$0] } }
    let texts = list.compactMap { $0.text ?? tokens($0) }
    return texts.count == list.count ? texts : nil
  }

  /// What stands for a list of tokens; no text is the same.
  private static func tokens(_ value: JSONValue) -> String? {
    guard let list = value.elements, !list.isEmpty, list.allSatisfy({ $0.int != nil }) else { return nil }
    return "\u{0}" + value.json
  }

  var promptTokens: Int {
    inputs.reduce(0) { $0 + max(1, CompletionWriter.tokens(ofCharacters: $1.utf8.count)) }
  }

  var body: String {
    var json = #"{"object":"list","data":["#
    for (index, input) in inputs.enumerated() {
      json += index == 0 ? "" : ","
      json += #"{"object":"embedding","index":\#(index),"embedding":"#
      let vector = Self.vector(of: input, dimensions: dimensions)
      if isBase64 {
        json += "\"" + Self.base64(vector) + "\""
      } else {
        // A float32 as the double it is, so that no reader sees another value than in the other form.
        json += "["
        for (place, value) in vector.enumerated() { json += place == 0 ? "\(Double(value))" : ",\(Double(value))" }
        json += "]"
      }
      json += "}"
    }
    return json + #"],"model":\#(JSONValue.quoted(model)),"usage":{"prompt_tokens":\#(promptTokens),"#
      + #""total_tokens":\#(promptTokens)}}"#
  }

  /// The text's hash (FNV-1a) seeds a generator (SplitMix64) of numbers in -1..<1, which are then normalised.
  static func vector(of text: String, dimensions: Int) -> [Float] {
    var state = text.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    var values: [Double] = []
    values.reserveCapacity(dimensions)
    var sum = 0.0
    for _ in 0..<dimensions {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      mixed ^= mixed >> 31
      // An odd numerator: never 0, so that the length is not 0 either.
      let value = Double(Int64(bitPattern: mixed) >> 11 | 1) / 4_503_599_627_370_496
      values.append(value)
      sum += value * value
    }
    let length = sum.squareRoot()
    return values.map { Float($0 / length) }
  }

  /// The float32s, little-endian.
  static func base64(_ vector: [Float]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(vector.count * 4 + 2)
    for value in vector {
      let bits = value.bitPattern
      for shift in [0, 8, 16, 24] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: bits >> shift)) }
    }
    let padding = (3 - bytes.count % 3) % 3
    for _ in 0..<padding { bytes.append(0) }
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count / 3 * 4)
    for index in stride(from: 0, to: bytes.count, by: 3) {
      let (a, b, c) = (bytes[index], bytes[index + 1], bytes[index + 2])
      text.append(alphabet[Int(a >> 2)])
      text.append(alphabet[Int((a & 3) << 4 | b >> 4)])
      text.append(alphabet[Int((b & 15) << 2 | c >> 6)])
      text.append(alphabet[Int(c & 63)])
    }
    for place in 0..<padding { text[text.count - 1 - place] = UInt8(ascii: "=") }
    return String(decoding: text, as: UTF8.self)
  }
}
