import JobrunModel
import LuaBridge

/// What the functions of the modules work on. It does not hold the Lua state, so that Lua may hold it.
@Loop
final class HostServices {
  let host: ScriptHost
  /// The job file's folder, absolute: relative paths of scripts begin here.
  let directory: String
  /// What a script may read into memory, in bytes.
  var memoryLimit: Int
  var randomSeed = RandomSeed()
  var openRows = OpenRows()
  let counters = Counters()
  /// The type of what `jobrun.counter` gives. A type does not keep the Lua state alive.
  var counterType: LuaUserdataType?
  var schemas = SchemaCache()

  init(host: ScriptHost, directory: String, memoryLimit: Int) {
    self.host = host
    self.directory = directory
    self.memoryLimit = memoryLimit
  }
}

/// The iterators of `jobrun.rows` that scripts have open, by handle.
struct OpenRows {
  private var iterators: [Int: any RecordIterator] = [:]
  private var last = 0

  mutating func add(_ iterator: any RecordIterator) -> Int {
    last += 1
    iterators[last] = iterator
    return last
  }

  subscript(handle: Int) -> (any RecordIterator)? { iterators[handle] }

  mutating func close(_ handle: Int) { iterators[handle] = nil }
}
