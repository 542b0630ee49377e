import JobrunModel
import LuaBridge

/// A record that is no item.
public struct BadRecord: Error {
  /// The line and what is wrong with it.
  public var reason: String
}

/// Makes the table `item` of a record.
@Loop
enum ItemMarshal {
  /// Pushes the record's table; throws without having pushed anything.
  ///
  /// - Returns: The id that the record itself carries beside the item, of a failed item's line.
  static func push(_ record: ItemRecord, on thread: LuaThread) throws(BadRecord) -> ItemID? {
    switch record.content {
    case .text(let bytes):
      thread.newTable(fieldCapacity: 1)
      thread.push(bytes)
      thread.setField("text")
      return nil
    case .columns(let columns, let fields):
      let count = min(columns.names.count, fields.count)
      thread.newTable(fieldCapacity: Int32(clamping: count))
      for position in 0..<count {
        thread.push(fields[position])
        thread.setField(columns.names[position])
      }
      return nil
    case .json(let bytes):
      try pushObject(bytes, line: record.line, on: thread)
      return nil
    case .failedJSON(let bytes):
      try pushObject(bytes, line: record.line, on: thread)
      return try unwrap(line: record.line, on: thread)
    case .malformed(let reason, _): throw BadRecord(reason: reason)
    }
  }

  /// Pushes the record's table as `push` does.
  ///
  /// - Returns: What the item is called: the record's own id, else the item's field `key`, else its index.
  static func pushItem(_ record: ItemRecord, idKey key: String, on thread: LuaThread) throws(BadRecord) -> ItemID {
    if let id = try push(record, on: thread) { return id }
    if case .text = record.content, key != "text" { return .integer(record.index) }
    return id(of: thread, key: key) ?? .integer(record.index)
  }

  /// The id of the item on top of the stack: its field `key`, where that is a string or an integer.
  private static func id(of thread: LuaThread, key: String) -> ItemID? {
    let type = thread.field(key, of: -1)
    defer { thread.pop() }
    switch type {
    case .string: return thread.string(at: -1).map { .string($0) }
    case .number: return thread.integer(at: -1).map { .integer($0) }
    default: return nil
    }
  }

  private static func pushObject(_ bytes: [UInt8], line: Int, on thread: LuaThread) throws(BadRecord) {
    do {
      try thread.pushJSON(bytes)
    } catch {
      throw BadRecord(reason: "line \(line): not a JSON object: \(error)")
    }
    if thread.type(at: -1) != .table || thread.isMarkedArray(at: -1) {
      thread.pop()
      throw BadRecord(reason: "line \(line): not a JSON object")
    }
  }

  /// Stack: [failed record] -> [its item]; on failure -> []
  private static func unwrap(line: Int, on thread: LuaThread) throws(BadRecord) -> ItemID? {
    let id = id(of: thread, key: "id")
    guard thread.field("item", of: -1) == .table, !thread.isMarkedArray(at: -1) else {
      thread.pop(2)
      throw BadRecord(reason: "line \(line): the line of a failed item has no `item`")
    }
    thread.insert(at: -2)
    thread.pop()
    return id
  }
}
