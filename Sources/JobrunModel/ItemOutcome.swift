/// How an item ended. Every item of the input ends as exactly one of these.
public enum ItemResult: Sendable {
  /// The rows to write, each one JSON object without its line break; may be none.
  case ok(rows: [[UInt8]])
  indirect case failed(ItemFailure)
  case skipped(reason: String)
  /// The run ended first; the next run takes the item up again.
  case unfinished
}

/// An item's end, as the sink takes it.
public struct ItemOutcome: Sendable {
  public var id: ItemID
  public var record: ItemRecord
  public var result: ItemResult

  public init(id: ItemID, record: ItemRecord, result: ItemResult) {
    self.id = id
    self.record = record
    self.result = result
  }
}
