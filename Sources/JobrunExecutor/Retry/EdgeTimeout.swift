internal import JobrunModel

/// Notices that something between here and the provider ends every long request at the same age: a load balancer, a
/// gateway, a NAT. A pure value.
struct EdgeTimeout {
  private static let enough = 5
  private static let spread = 2.0
  /// Shorter ones have other reasons.
  private static let least = 10.0

  private var ages: [Double] = []
  private var hasWarned = false

  /// A request ended without an answer, and may have been worked on.
  ///
  /// - Returns: What to tell the user, once.
  mutating func ended(after age: Duration) -> String? {
    guard !hasWarned, age.seconds >= Self.least else { return nil }
    if let first = ages.first, abs(first - age.seconds) > Self.spread { ages = [] }
    ages.append(age.seconds)
    guard ages.count >= Self.enough else { return nil }
    hasWarned = true
    return
      "\(ages.count) requests in a row ended after about \(Int(age.seconds.rounded())) s without an answer, and may have "
      + "been billed: something on the way seems to end connections at that age; ask for shorter answers"
  }
}
