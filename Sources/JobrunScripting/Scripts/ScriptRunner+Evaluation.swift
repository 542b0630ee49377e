import JobrunModel
import LuaBridge

extension ScriptRunner {
  /// What became of a chunk that somebody typed.
  public enum Evaluation: Sendable, Equatable {
    /// It is the beginning of a chunk: more is to come. The failure is what it would be if nothing came.
    case incomplete(ScriptFailure)
    /// It ran, and gave these values, as a person reads them.
    case values([String])
    case failed(ScriptFailure)
  }

  /// Runs what was typed so far: an expression, with or without a `=` before it, or statements.
  ///
  /// Local variables end with their chunk, as in Lua's own prompt.
  public func evaluate(_ text: String) -> Evaluation {
    do {
      let chunk = try load(text)
      return .values(
        try world.state.call(
          chunk, budget: nil,
          results: { thread, first, count throws(LuaError) in
            (0..<Int32(clamping: count)).map { ValueText.of(first + $0, on: thread) }
          }))
    } catch {
      let failure = ScriptFailure(error)
      return error.kind == .syntax && error.message.hasSuffix("near <eof>") ? .incomplete(failure) : .failed(failure)
    }
  }

  private func load(_ text: String) throws(LuaError) -> LuaReference {
    let isExpression = text.hasPrefix("=")
    let expression = "return " + text.dropFirst(isExpression ? 1 : 0)
    do {
      return try world.state.load(Array(expression.utf8), chunkName: "=stdin")
    } catch {
      if isExpression { throw error }
      return try world.state.load(Array(text.utf8), chunkName: "=stdin")
    }
  }
}
