public import JobrunModel

/// How an exported request is called: `item-17-` and its identity in hexadecimal. So its result leads back to the item, and
/// shows whether it is the answer to the request that the item has now. It fits all providers: at most 64 of
/// `[A-Za-z0-9_-]`.
public struct ExportedID: Sendable, Equatable {
  /// The item's position in the input, from 1; of a pack its first item's.
  public var index: Int
  public var identity: RequestIdentity

  public init(index: Int, identity: RequestIdentity) {
    self.index = index
    self.identity = identity
  }

  /// - Returns: nil where the name is another's.
  public init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "item", let index = Int(parts[1]), index > 0, parts[2].utf8.count == 32,
      let high = UInt64(parts[2].prefix(16), radix: 16), let low = UInt64(parts[2].suffix(16), radix: 16)
    else { return nil }
    self.init(index: index, identity: RequestIdentity(high: high, low: low))
  }

  public var text: String { "item-\(index)-\(JournalHash.hexadecimal(of: identity.bytes))" }
}

/// A line of a batch file that is written.
public enum BatchRequestLine {
  /// The line, with its line break.
  ///
  /// - Parameter body: The request, JSON on one line.
  public static func encode(_ body: [UInt8], customID: String, api: WireAPI) -> [UInt8] {
    var json: [UInt8] = []
    json.reserveCapacity(body.count + 160)
    JSONText.append("{\"custom_id\":", to: &json)
    JSONText.append(string: customID, to: &json)
    if api == .messages {
      JSONText.append(",\"params\":", to: &json)
    } else {
      JSONText.append(",\"method\":\"POST\",\"url\":", to: &json)
      JSONText.append(string: "/v1" + api.path, to: &json)
      JSONText.append(",\"body\":", to: &json)
    }
    json.append(contentsOf: body)
    JSONText.append("}\n", to: &json)
    return json
  }
}
