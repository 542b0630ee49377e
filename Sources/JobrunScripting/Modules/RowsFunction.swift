import JobrunModel
import LuaBridge

/// What `jobrun.rows` does in Swift.
@Loop
enum RowsFunction {
  /// Opens the input that is the first argument, as the field `input` takes it.
  static func open(_ services: HostServices, _ call: HostCall) throws(HostError) -> Int {
    let value = call.thread.value(at: 1)
    var validator = JobValidator()
    validator.checkInput(value)
    var reader = JobSpecReader(directory: services.directory)
    let input = reader.input(value)
    if let problem = (validator.problems + reader.problems).first {
      let place = "\(problem.path)".dropFirst("job.input".count)
      throw located("rows: source\(place): \(problem.message)", call)
    }
    guard let input else {
      throw located("rows: path or {path, format, id} expected, got \(value.described)", call)
    }
    do {
      return services.openRows.add(try services.host.rows(input))
    } catch {
      throw located("rows: \(error.message)", call)
    }
  }

  /// Pushes the next item, or nil at the end.
  static func pushNext(_ services: HostServices, _ call: HostCall) throws(HostError) {
    guard let handle = call.thread.integer(at: 1), let iterator = services.openRows[handle] else {
      return call.thread.pushNil()
    }
    let record: ItemRecord?
    do {
      record = try iterator.next()
    } catch {
      throw located("rows: \(error.message)", call)
    }
    guard let record else {
      services.openRows.close(handle)
      return call.thread.pushNil()
    }
    do {
      _ = try ItemMarshal.push(record, on: call.thread)
    } catch {
      throw located("rows: \(error.reason)", call)
    }
  }

  /// The error at the place in the script, two calls away: between them is the host's own Lua.
  private static func located(_ message: String, _ call: HostCall) -> HostError {
    let place = call.thread.callerPosition(level: 2).map { "\($0): " } ?? ""
    call.thread.push(place + message)
    return .value
  }
}
