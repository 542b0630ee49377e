import LuaBridge
import Testing

/// A Lua state that runs pieces of source and checks after each that the stack is as it was.
final class Script {
  let state: LuaState

  init(memoryLimit: Int = 64 << 20, _ functions: HostFunction...) throws {
    state = try LuaState(memoryLimit: memoryLimit)
    for function in functions { state.setGlobal(function.name, to: state.function(function)) }
  }

  /// Adds a host function as a global.
  func add(_ name: String, _ body: @escaping (HostCall) throws(HostError) -> HostResult) {
    state.setGlobal(name, to: state.function(HostFunction(name, body)))
  }

  /// Runs `source` on the main thread.
  @discardableResult
  func run(_ source: String, budget: Duration? = .seconds(120)) throws(LuaError) -> [LuaValue] {
    let top = state.main.top
    defer { #expect(state.main.top == top, "the stack is balanced") }
    let chunk = try state.load(Array(source.utf8), chunkName: "@test.lua")
    return try state.call(chunk, budget: budget) { thread, first, count in
      (0..<Int32(count)).map { thread.value(at: first + $0) }
    }
  }

  /// Runs `source`, whose single result is text.
  func text(_ source: String) throws -> String {
    let results = try run(source)
    guard case .string(let bytes)? = results.first else {
      Issue.record("a string expected, got \(results)")
      return ""
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Runs `source`, which must fail.
  func failure(_ source: String, budget: Duration? = .seconds(120)) -> LuaError {
    do throws(LuaError) {
      let results = try run(source, budget: budget)
      Issue.record("a failure expected, got \(results)")
      return LuaError(kind: .runtime, message: "no failure")
    } catch {
      return error
    }
  }

  /// Starts `source` as a coroutine from the pool.
  func start(_ source: String) throws -> LuaCoroutine {
    let coroutine = state.coroutines.take()
    coroutine.thread.push(try state.load(Array(source.utf8), chunkName: "@test.lua"))
    return coroutine
  }

  /// The state still works: what a failure must not change.
  func expectHealthy() throws {
    #expect(try text("return string.rep('ab', 3) .. #{1, 2}") == "ababab2")
    #expect(state.main.top == 0)
  }
}

extension LuaOutcome {
  var error: LuaError? { if case .failed(let error) = self { error } else { nil } }
  var finishedCount: Int? { if case .finished(let count) = self { count } else { nil } }
  var yieldedCount: Int? { if case .yielded(let count) = self { count } else { nil } }
}

/// Counts how many of its kind are alive.
final class Witness {
  final class Count { var alive = 0 }
  private let count: Count
  init(_ count: Count) {
    self.count = count
    count.alive += 1
  }
  deinit { count.alive -= 1 }
}
