public import JobrunModel
import LuaBridge

/// Packs: one request for several items.
extension LuaScriptEngine {
  public var packSize: Int? { job.spec.pack }

  public func begin(pack records: [ItemRecord]) -> (item: ScriptItem, ids: [ItemID], step: ScriptStep) {
    let item = takeItem()
    let coroutine = state.coroutines.take()
    item.begin(index: records.first?.index ?? 0, on: coroutine)
    let thread = coroutine.thread
    thread.newTable(arrayCapacity: Int32(clamping: records.count))
    thread.markArray(at: -1)
    var ids: [ItemID] = []
    for (offset, record) in records.enumerated() {
      do {
        ids.append(try ItemMarshal.pushItem(record, idKey: idKey, on: thread))
        thread.setIndex(offset + 1)
      } catch {
        let handle = item.handle(of: item)
        // Alone it fails with its own words; the others must not fail with it.
        if records.count > 1 { return (handle, ids, divide(item)) }
        return (handle, [.integer(record.index)], end(item, .failed(ItemFailure(.badInput, message: error.reason))))
      }
    }
    item.pack = ids
    if let first = ids.first { item.id = first }
    return (item.handle(of: item), ids, start(item, on: coroutine))
  }

  /// Starts what shares a request: where the job has packs a pack, else the one item.
  public func begin(_ records: [ItemRecord]) -> (item: ScriptItem, step: ScriptStep) {
    if packSize == nil, let record = records.first { return begin(record) }
    let (item, _, step) = begin(pack: records)
    return (item, step)
  }

  /// Has both halves of a pack asked.
  func divide(_ item: RunningItem) -> ScriptStep {
    release(item)
    return .divided
  }

  /// What `parse` or `process` returned for a pack: something for each item, or both halves are asked.
  ///
  /// Stack: [items, ctx, result]
  func withPackResult(
    of item: RunningItem, _ pack: [ItemID], on thread: LuaThread
  ) throws(BadHookResult) -> ScriptStep {
    let results = try rowEncoder.results(ofPackAt: 3, ids: pack, on: thread)
    let complete = results.compactMap(\.self)
    if complete.count == pack.count { return endPack(item, complete) }
    if pack.count > 1 { return divide(item) }
    let hook = hook(of: item.stage)
    return fail(item, failure(.rejected, "\(hook?.name ?? "parse") returned nothing at index 1", in: hook, of: item))
  }

  func endPack(_ item: RunningItem, _ results: [ItemResult]) -> ScriptStep {
    release(item)
    return .finishedPack(results)
  }
}

extension RunningItem {
  /// It is a pack of several items, and this strand is its own.
  func canBeDivided(_ strand: Strand) -> Bool { strand === self && (pack?.count ?? 0) > 1 }
}
