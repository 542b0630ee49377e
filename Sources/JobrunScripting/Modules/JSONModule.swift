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
      ])
  }
}
