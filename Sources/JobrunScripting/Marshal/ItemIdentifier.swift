public import JobrunModel
import LuaBridge

/// Tells what items will be called, without running a hook.
@Loop
public struct ItemIdentifier {
  private let job: JobFile
  private let key: String

  /// - Parameter input: The input that the records come from.
  public init(job: JobFile, input: InputSpec) {
    self.job = job
    key = input.idKey
  }

  /// - Throws: why the record is no item, in the words of its failure.
  public func id(of record: ItemRecord) throws(BadRecord) -> ItemID {
    let thread = job.world.state.main
    let id = try ItemMarshal.pushItem(record, idKey: key, on: thread)
    thread.pop()
    return id
  }
}
