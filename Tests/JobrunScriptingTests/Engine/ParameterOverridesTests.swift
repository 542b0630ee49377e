import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunScripting

@Suite("--param")
struct ParameterOverridesTests {
  static let source = """
    local params = { to = "French", n = 3, share = 0.5, strict = true, list = { 1 } }
    return { model = "m", params = params, prompt = function(item, ctx)
      ctx:emit { to = ctx.params.to, n = math.type(params.n) .. params.n, share = math.type(params.share) .. params.share,
        strict = params.strict }
      return false
    end }
    """

  @Test("takes the type of the job's default")
  func types() async throws {
    let rows = try await onLoop {
      try Script(Self.source, parameters: ["to=a=b", "n=7", "share=2", "strict=false", "to=German"]).rows()
    }
    #expect(rows == [#"{"n":"integer7","share":"float2.0","strict":false,"to":"German"}"#])
  }

  @Test(
    "refuses what does not fit",
    arguments: [
      ("lang=x", "--param lang: no such parameter", "known are: list, n, share, strict, to"),
      ("n=1.5", "--param n: whole number expected, got \"1.5\"", nil),
      ("share=much", "--param share: number expected, got \"much\"", nil),
      ("share=nan", "--param share: number expected, got \"nan\"", nil),
      ("strict=yes", "--param strict: true or false expected, got \"yes\"", nil),
      ("list=2", "--param list: the job's value is a table, which cannot be set here", nil),
      ("to", "--param to: KEY=VALUE expected", nil), ("=x", "--param =x: KEY=VALUE expected", nil),
    ])
  func refuses(argument: String, message: String, hint: String?) async throws {
    let error = try await onLoop {
      do {
        _ = try Script(Self.source, parameters: [argument])
        return RunError(.internal, "no error")
      } catch let error as RunError {
        return error
      }
    }
    #expect(error == RunError(.usage, message, hint: hint))
  }

  @Test("says so where the job has no params")
  func none() async throws {
    let error = try await onLoop {
      do {
        _ = try Script("return { prompt = print }", parameters: ["a=b"])
        return RunError(.internal, "no error")
      } catch let error as RunError {
        return error
      }
    }
    #expect(error.hint == "the job has no params")
  }
}
