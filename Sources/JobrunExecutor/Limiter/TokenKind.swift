internal import JobrunModel

/// What a limit of tokens counts.
enum TokenKind {
  case total, input, output

  /// All of them; made once, unlike what the compiler would make.
  static let all: [TokenKind] = [.total, .input, .output]
}

/// A value for each kind of token limit.
struct PerTokenKind<Value> {
  var total: Value
  var input: Value
  var output: Value

  init(repeating value: Value) { (total, input, output) = (value, value, value) }

  subscript(kind: TokenKind) -> Value {
    get {
      switch kind {
      case .total: total
      case .input: input
      case .output: output
      }
    }
    set {
      switch kind {
      case .total: total = newValue
      case .input: input = newValue
      case .output: output = newValue
      }
    }
  }
}

extension PerTokenKind: Equatable where Value: Equatable {}
extension PerTokenKind: Sendable where Value: Sendable {}

extension Limits {
  subscript(kind: TokenKind) -> Double? {
    get {
      switch kind {
      case .total: tokens
      case .input: inputTokens
      case .output: outputTokens
      }
    }
    set {
      switch kind {
      case .total: tokens = newValue
      case .input: inputTokens = newValue
      case .output: outputTokens = newValue
      }
    }
  }
}

extension RequestCost {
  subscript(kind: TokenKind) -> Double {
    switch kind {
    case .total: total
    case .input: input
    case .output: output
    }
  }

  func least(_ kind: TokenKind) -> Double {
    switch kind {
    case .total: leastInput + leastOutput
    case .input: leastInput
    case .output: leastOutput
    }
  }
}

extension TokenUsage {
  subscript(kind: TokenKind) -> Double {
    switch kind {
    case .total: Double(input) + Double(output)
    case .input: Double(input)
    case .output: Double(output)
    }
  }
}
