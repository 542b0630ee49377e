import JobrunModel
import LuaBridge

/// `jobrun.json`.
enum JSONModule {
  static var module: HostModule {
    HostModule(
      name: "jobrun.json", doc: "JSON that keeps integers, `jobrun.null` and empty lists.",
      functions: [
        HostEntry(
          "encode", [HostParameter("value", .any)], returns: "string",
          "The value as JSON, keys sorted. Raises what cannot be JSON: functions, cycles, NaN, invalid UTF-8.",
          body: .swift { _, call throws(HostError) in
            if call.count == 0 { call.thread.pushNil() }
            do throws(LuaJSONError) {
              call.thread.push(try call.thread.encodeJSON(at: 1))
            } catch {
              throw .message("json.encode: \(error)")
            }
            return .values(1)
          }),
        HostEntry(
          "decode", [HostParameter("text", .string)], returns: "any",
          "The value of a JSON text; null is `jobrun.null`. Raises where the text is not JSON.",
          body: .swift { _, call throws(HostError) in
            do throws(LuaJSONError) {
              try call.thread.pushJSON(call.thread.bytes(at: 1) ?? [])
            } catch {
              throw .message("json.decode: \(error)")
            }
            return .values(1)
          }),
        HostEntry(
          "check", [HostParameter("schema", .table), HostParameter("value", .any)], returns: "boolean, string[]?",
          "Whether the value fits the JSON Schema; where not, also the problems. Raises where the schema is wrong.",
          body: .swift(check)),
      ])
  }

  @Loop
  private static func check(_ services: HostServices, _ call: HostCall) throws(HostError) -> HostResult {
    let thread = call.thread
    if call.count == 1 { thread.pushNil() }
    let check = try schema(of: call, services)
    let value: JSONTape
    do throws(LuaJSONError) {
      value = try JSONTape(thread, at: 2)
    } catch {
      throw .message("json.check: value: \(error)")
    }
    let problems = check.problems(of: value)
    thread.push(problems.isEmpty)
    if problems.isEmpty { return .values(1) }
    thread.newTable()
    thread.markArray(at: -1)
    for (index, problem) in problems.enumerated() {
      thread.push(problem)
      thread.setIndex(index + 1)
    }
    return .values(2)
  }

  @Loop
  private static func schema(of call: HostCall, _ services: HostServices) throws(HostError) -> SchemaCheck {
    let json: [UInt8]
    do throws(LuaJSONError) {
      json = try call.thread.encodeJSON(at: 1)
    } catch {
      throw .message("json.check: schema: \(error)")
    }
    do throws(SchemaError) {
      return try services.schemas.check(for: json)
    } catch {
      throw .message("json.check: schema: \(error)")
    }
  }
}
