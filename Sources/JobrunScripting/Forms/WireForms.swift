import JobrunModel
import LuaBridge

/// The forms that requests and replies have in the APIs that are not chat.
///
/// Scripts and hooks see requests with `messages`; what goes out has the form of the model's API.
@Loop
final class WireForms {
  /// Weak: the state's own functions hold this.
  private weak var state: LuaState?
  /// The form of each model of the job's; empty: all are `standard`.
  private let apis: [String: WireAPI]
  private let standard: WireAPI
  private var functions: LuaReference?

  /// - Parameters:
  ///   - standard: The form of models that are not among `apis`.
  ///   - apis: The forms of the job's models, by key.
  init(standard: WireAPI, apis: [String: WireAPI], in state: LuaState) {
    self.standard = standard
    self.apis = apis
    self.state = state
  }

  func api(of model: String) -> WireAPI { apis.isEmpty ? standard : apis[model] ?? standard }

  /// Gives the request at `index` the form of an API, and `body` that table.
  func withRequest<R>(
    at index: Int32, as api: WireAPI, on thread: LuaThread, _ body: (LuaThread, Int32) throws(BadHookResult) -> R
  ) throws(BadHookResult) -> R {
    var failure: BadHookResult?
    do {
      let result = try call(
        "request", api,
        push: { target in
          thread.pushCopy(at: index)
          thread.move(1, to: target)
        }
      ) { (thread, first) -> R? in
        do throws(BadHookResult) {
          return try body(thread, first)
        } catch {
          failure = error
          return nil
        }
      }
      if let result { return result }
    } catch {
      throw BadHookResult(error.message)
    }
    throw failure ?? BadHookResult("the request cannot be written in the form of \(api.rawValue)")
  }

  /// Pushes what a reply's body, the value on top of `thread`, says as a message, or as the calls of tools.
  ///
  /// Stack: [.., body] -> [.., value]
  func replace(bodyOn thread: LuaThread, by group: String, _ api: WireAPI) {
    let body = thread.top
    let value =
      try? call(
        group, api,
        push: { target in
          thread.pushCopy(at: body)
          thread.move(1, to: target)
        }
      ) { target, first in
        target.pushCopy(at: first)
        return self.state?.reference(popping: target)
      } ?? nil
    thread.pop()
    if let value { thread.push(value) } else { thread.pushNil() }
  }

  /// Calls the function of an API, with one argument.
  private func call<R>(
    _ group: String, _ api: WireAPI, push: (LuaThread) -> Void, results: (LuaThread, Int32) -> R
  ) throws(LuaError) -> R {
    guard let state else { throw LuaError(kind: .runtime, message: "the run has ended") }
    let thread = state.current
    thread.push(try table(in: state))
    thread.field(group, of: -1)
    thread.field(api.rawValue, of: -1)
    let function = state.reference(popping: thread)
    thread.pop(2)
    return try state.call(
      function, budget: nil,
      push: { thread throws(LuaError) in
        push(thread)
        return 1
      }, results: { thread, first, _ throws(LuaError) in results(thread, first) })
  }

  private func table(in state: LuaState) throws(LuaError) -> LuaReference {
    if let functions { return functions }
    let chunk = try state.load(Array(Self.source.utf8), chunkName: "=forms")
    guard let jobrun = state.global("jobrun") else { throw LuaError(kind: .runtime, message: "no module jobrun") }
    let table = try state.call(
      chunk, budget: nil,
      push: { thread throws(LuaError) in
        thread.push(jobrun)
        return 1
      },
      results: { thread, first, _ throws(LuaError) in
        thread.pushCopy(at: first)
        return state.reference(popping: thread)
      })
    functions = table
    return table
  }
}
