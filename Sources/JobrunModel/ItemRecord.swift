/// The names of a CSV's columns, shared by all its records.
public final class ColumnNames: Sendable {
  public let names: [String]

  public init(_ names: [String]) { self.names = names }
}

/// One raw record of the input: its bytes and where it stood. What it means is the script engine's business.
public struct ItemRecord: Sendable {
  /// What the reader found.
  public enum Content: Sendable {
    /// A line of a text file, without its line break.
    case text([UInt8])
    /// A JSON value, not checked.
    case json([UInt8])
    /// A line of a `*.failed.jsonl`: a JSON object whose `id` and `item` are the record's.
    case failedJSON([UInt8])
    /// The fields of a CSV or TSV record, as many as there are columns.
    case columns(ColumnNames, [[UInt8]])
    /// A record that cannot be read; the item fails with class `bad_input` and this reason.
    case malformed(reason: String, raw: [UInt8])
  }

  public var content: Content
  /// The position among the items, from 1.
  public var index: Int
  /// The line on which the record begins, from 1.
  public var line: Int

  public init(content: Content, index: Int, line: Int) {
    self.content = content
    self.index = index
    self.line = line
  }
}

/// What a job and its user call an item: its `id` field, or its index.
public enum ItemID: Hashable, Sendable {
  case integer(Int)
  case string(String)
}

extension ItemID: CustomStringConvertible {
  public var description: String {
    switch self {
    case .integer(let number): "\(number)"
    case .string(let text): text
    }
  }
}
