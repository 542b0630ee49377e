import JobrunModel
import LuaBridge

/// The methods of `ctx` that wait; other items go on meanwhile.
extension ContextObject {
  static var call: HostEntry<Owner> {
    HostEntry(
      "call", [HostParameter("request", .any, type: "string|JobrunMessage[]|JobrunRequest")], returns: "JobrunReply",
      "Asks the model, as `prompt` does, and returns the reply. Waits; other items go on meanwhile. Raises an `err` where "
        + "there is no answer after all tries: `pcall` it to go on.",
      body: .swift { owner, call throws(HostError) in
        let strand = try waiting(owner, call, in: "ctx:call")
        return try ask([2], isList: false, "ctx:call", strand, owner, call)
      })
  }

  static var callAll: HostEntry<Owner> {
    HostEntry(
      "call_all", [HostParameter("requests", .table, type: "(string|JobrunMessage[]|JobrunRequest)[]")],
      returns: "(JobrunReply|JobrunError)[]",
      "Asks all of these at the same time, and returns their replies in the same order once all have ended. Raises nothing: "
        + "test `.ok`, it is an `err` where one failed.",
      body: .swift { owner, call throws(HostError) in
        let strand = try waiting(owner, call, in: "ctx:call_all")
        let count = call.thread.rawLength(at: 2)
        if let key = ScriptTable.firstKey(of: 2, outside: count, on: call.thread) {
          throw .message("ctx:call_all: a list of requests expected, got a table with the key \(key)")
        }
        guard count > 0 else {
          call.thread.newTable()
          return .values(1)
        }
        guard count <= 10_000, call.thread.ensureStack(Int32(count) + 20) else {
          throw .message("ctx:call_all: at most 10000 requests at once, got \(count)")
        }
        for position in 1...count { call.thread.index(position, of: 2) }
        let first = call.thread.top - Int32(count) + 1
        return try ask(
          (0..<Int32(count)).map { first + $0 }, isList: true, "ctx:call_all", strand, owner, call)
      })
  }

  static var sleep: HostEntry<Owner> {
    HostEntry(
      "sleep", [HostParameter("seconds", .number)], "Waits; other items go on meanwhile.",
      body: .swift { owner, call throws(HostError) in
        let strand = try waiting(owner, call, in: "ctx:sleep")
        guard let seconds = call.thread.double(at: 2), seconds >= 0, seconds.isFinite else {
          throw .message("ctx:sleep: seconds from 0 up expected, got \(call.thread.describe(at: 2))")
        }
        strand.wish = .sleep(.clamped(seconds: seconds))
        return .yield(0)
      })
  }

  @Loop
  static func ask(
    _ requests: [Int32], isList: Bool, _ method: String, _ strand: Strand, _ owner: Owner, _ call: HostCall
  ) throws(HostError) -> HostResult {
    for (offset, index) in requests.enumerated() {
      let type = call.thread.type(at: index)
      if type == .string || type == .table { continue }
      let place = isList ? " (request \(offset + 1))" : ""
      throw .message(
        "\(method)\(place): a string, a list of messages or a request table expected, got "
          + call.thread.describe(at: index))
    }
    do throws(BadHookResult) {
      strand.wish = try owner.engine.wish(
        forRequestsAt: requests, isList: isList, strand, of: owner.item, on: call.thread)
    } catch {
      throw .message(error.message(ofMethod: method))
    }
    return .yield(0)
  }

  /// The strand that may wait here.
  @Loop
  static func waiting(_ owner: Owner, _ call: HostCall, in method: String) throws(HostError) -> Strand {
    guard let strand = owner.item.strand(of: call) else {
      throw .message(
        "\(method) cannot wait in a coroutine of your own or for another item: call it in the hook itself, "
          + "which is a coroutine already")
    }
    guard call.isYieldable else {
      throw .message(
        "\(method) cannot wait here: not in a table.sort comparator, a string.gsub callback, __tostring or a required "
          + "file's top level; call it before, and use the answer here")
    }
    return strand
  }
}
