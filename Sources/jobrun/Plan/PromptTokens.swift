/// How many tokens a request's prompt will be counted as: an estimate.
enum PromptTokens {
  /// A quarter of the body's bytes, rounded up.
  static func estimate(_ body: [UInt8]) -> Int { (body.count + 3) / 4 }
}
