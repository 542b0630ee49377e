import JobrunModel
import LuaBridge

/// The vectors of an answer of the embeddings API.
@Loop
enum ReplyEmbeddings {
  /// Pushes a list of lists of numbers, in the order of the input. Base64 is read as little-endian 32-bit floats, as
  /// OpenAI documents `encoding_format`.
  static func push(of source: ReplySource, on thread: LuaThread) {
    thread.newTable()
    thread.markArray(at: -1)
    let list = thread.top
    guard source.answer?.api == .embeddings, (try? thread.pushJSON(source.answer?.json ?? [])) != nil else {
      return thread.setTop(list)
    }
    let body = thread.top
    guard thread.field("data", of: body) == .table else { return thread.setTop(list) }
    let data = thread.top
    let count = thread.rawLength(at: data)
    for position in 0..<count {
      thread.index(position + 1, of: data)
      let entry = thread.top
      thread.field("index", of: entry)
      let place = thread.integer(at: -1) ?? position
      thread.pop()
      let type = thread.field("embedding", of: entry)
      if type == .string, let text = thread.bytes(at: -1) {
        thread.pop()
        pushFloats(Base64.decoded(text) ?? [], on: thread)
      }
      thread.pushCopy(at: list)
      thread.insert(at: -2)
      // A place that is none would make holes.
      thread.setIndex((0..<count).contains(place) ? place + 1 : position + 1)
      thread.setTop(data)
    }
    thread.setTop(list)
  }

  private static func pushFloats(_ bytes: [UInt8], on thread: LuaThread) {
    let count = bytes.count / 4
    thread.newTable(arrayCapacity: Int32(clamping: count))
    thread.markArray(at: -1)
    for place in 0..<count {
      let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[place * 4 + $1]) << (8 * UInt32($1)) }
      thread.push(Double(Float(bitPattern: bits)))
      thread.setIndex(place + 1)
    }
  }
}
