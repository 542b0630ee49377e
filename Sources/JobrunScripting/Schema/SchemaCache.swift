/// The schemas that scripts checked with, ready for the next time.
struct SchemaCache {
  /// Scripts have few; those that make one for each item start anew now and then.
  static let limit = 32

  private var checks: [[UInt8]: SchemaCheck] = [:]

  var count: Int { checks.count }

  mutating func check(for schema: [UInt8]) throws(SchemaError) -> SchemaCheck {
    if let known = checks[schema] { return known }
    let check = try SchemaCheck(schema: schema)
    if checks.count >= Self.limit { checks = [:] }
    checks[schema] = check
    return check
  }
}
