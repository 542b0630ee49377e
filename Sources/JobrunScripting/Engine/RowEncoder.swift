import JobrunModel
import LuaBridge

/// Encodes rows: one JSON object each, its keys sorted behind the output's columns.
@Loop
struct RowEncoder {
  let columns: [String]

  /// The rows of the value of `parse` that is at `index`.
  func rows(ofResultAt index: Int32, id: ItemID, on thread: LuaThread) throws(BadHookResult) -> [[UInt8]] {
    switch thread.type(at: index) {
    case .boolean where !thread.bool(at: index): return []
    case .string:
      thread.newTable(fieldCapacity: 2)
      id.push(on: thread)
      thread.setField("id")
      thread.pushCopy(at: index)
      thread.setField("output")
      defer { thread.pop() }
      return [try row(at: thread.top, on: thread)]
    case .table:
      if thread.isMarkedObject(at: index) { return [try row(at: index, on: thread)] }
      let count = thread.rawLength(at: index)
      if count > 0 || thread.isMarkedArray(at: index) { return try rows(ofListAt: index, count: count, on: thread) }
      return ScriptTable.isEmpty(index, on: thread) ? [] : [try row(at: index, on: thread)]
    case .nil, .none: throw BadHookResult.whole("returned nil (forgot `return`?)")
    default:
      throw BadHookResult.whole(
        "must return a row, a list of rows, a string or false, got \(thread.describe(at: index))")
    }
  }

  /// What the value at `index` has for each item of a pack, at the item's index; nil where it has nothing.
  func results(ofPackAt index: Int32, ids: [ItemID], on thread: LuaThread) throws(BadHookResult) -> [ItemResult?] {
    guard thread.type(at: index) == .table else {
      if thread.type(at: index) == .nil { throw BadHookResult.whole("returned nil (forgot `return`?)") }
      throw BadHookResult.whole(
        "must return a list with a row for each item of the pack, got \(thread.describe(at: index))")
    }
    let count = thread.rawLength(at: index)
    // Numbers are as the model wrote them: where one is no item's, which row is whose is not known; alone it is.
    if ids.count > 1, ScriptTable.hasNumber(in: index, outside: ids.count, on: thread) { return ids.map { _ in nil } }
    if let key = ScriptTable.firstKey(of: index, outside: .max, on: thread) {
      throw BadHookResult.whole(
        "must return a list with a row at the index of each item of the pack, got a table with the key \(key)")
    }
    if count > ids.count {
      throw BadHookResult.whole("returned \(count) rows for one item, which may have a list of them at its index")
    }
    var results: [ItemResult?] = []
    for (offset, id) in ids.enumerated() {
      let type = thread.index(offset + 1, of: index)
      defer { thread.pop() }
      if type == .nil {
        results.append(nil)
        continue
      }
      do {
        results.append(.ok(rows: try rows(ofResultAt: thread.top, id: id, on: thread)))
      } catch {
        throw BadHookResult("item \(offset + 1) of the pack: \(error.message)")
      }
    }
    return results
  }

  private func rows(ofListAt index: Int32, count: Int, on thread: LuaThread) throws(BadHookResult) -> [[UInt8]] {
    if let key = ScriptTable.firstKey(of: index, outside: count, on: thread) {
      throw BadHookResult.whole("returned a table that is both a list of rows and a row: it has the key \(key)")
    }
    var rows: [[UInt8]] = []
    guard count > 0 else { return rows }
    for position in 1...count {
      let isTable = thread.index(position, of: index) == .table
      defer { thread.pop() }
      guard isTable else {
        throw BadHookResult("row \(position): table expected, got \(thread.describe(at: -1))")
      }
      do {
        rows.append(try row(at: thread.top, on: thread))
      } catch {
        throw BadHookResult("row \(position): \(error.message)")
      }
    }
    return rows
  }

  /// The row that is the table at `index`.
  func row(at index: Int32, on thread: LuaThread) throws(BadHookResult) -> [UInt8] {
    if ReplyType.isReply(at: index, on: thread) {
      throw BadHookResult("the reply itself is no row; name the fields to write")
    }
    let bytes: [UInt8]
    do {
      bytes = try thread.encodeJSON(at: index, firstKeys: columns)
    } catch {
      throw BadHookResult("\(error)")
    }
    guard bytes.first == UInt8(ascii: "{") else { throw BadHookResult("a row with names expected, got a list") }
    return bytes
  }

  /// The row of a job without `parse`: `{id, input, output, model}`.
  ///
  /// Stack: [] -> []; the item's table is at 1.
  func defaultRow(for item: RunningItem, output: [UInt8], on thread: LuaThread) throws(BadHookResult) -> [UInt8] {
    thread.newTable(fieldCapacity: 4)
    defer { thread.pop() }
    item.id.push(on: thread)
    thread.setField("id")
    if item.isText { thread.field("text", of: 1) } else { thread.pushCopy(at: 1) }
    thread.setField("input")
    thread.push(output)
    thread.setField("output")
    thread.push(item.request?.model ?? "")
    thread.setField("model")
    return try row(at: thread.top, on: thread)
  }
}

extension ItemID {
  /// Pushes the id as scripts see it.
  @Loop
  func push(on thread: LuaThread) {
    switch self {
    case .integer(let number): thread.push(number)
    case .string(let text): thread.push(text)
    }
  }
}
