import JobrunModel
import LuaBridge

/// The functions of Swift that the host's own Lua code calls; scripts do not see them.
@Loop
enum PreludeHost {
  static func functions(_ services: HostServices) -> [HostFunction] {
    [
      HostFunction("print") { call throws(HostError) in
        services.host.log(.print, call.thread.string(at: 1) ?? "")
        return .values(0)
      },
      HostFunction("describe") { call throws(HostError) in
        call.thread.push(call.thread.describe(at: 1))
        return .values(1)
      },
      HostFunction("seed") { call throws(HostError) in
        guard let (high, low) = services.randomSeed.take() else { return .values(0) }
        call.thread.push(high)
        call.thread.push(low)
        return .values(2)
      },
      HostFunction("forget_seed") { call throws(HostError) in
        services.randomSeed.cancel()
        return .values(0)
      },
      HostFunction("rows_open") { call throws(HostError) in
        call.thread.push(try RowsFunction.open(services, call))
        return .values(1)
      },
      HostFunction("rows_next") { call throws(HostError) in
        try RowsFunction.pushNext(services, call)
        return .values(1)
      },
      HostFunction("rows_close") { call throws(HostError) in
        if let handle = call.thread.integer(at: 1) { services.openRows.close(handle) }
        return .values(0)
      },
    ]
  }
}
