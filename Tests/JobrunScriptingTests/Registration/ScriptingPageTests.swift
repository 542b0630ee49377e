import Foundation
import Testing

@testable import JobrunScripting

@Suite("The page for script authors")
struct ScriptingPageTests {
  @Test("names every field, hook, method and function that scripts have")
  func complete() throws {
    let page = try String(
      contentsOf: LuaTypesTests.root.appending(path: "docs/scripting.md"), encoding: .utf8)
    var names = JobFields.job.map { "`\($0.name)" }
    for fields in [
      JobFields.input, JobFields.output, JobFields.endpoint, JobFields.timeouts, JobFields.hookLimits,
      JobFields.limits, JobFields.retry, JobFields.concurrency, JobFields.price, JobFields.model,
      JobFields.budget, JobFields.thresholds,
    ] {
      names += fields.map(\.name)
    }
    names += ContextObject.object.fields.map { "`ctx.\($0.spec.name)`" }
    names += ContextObject.object.methods.map { "`ctx:\($0.name)(" }
    names += RunObject.object.methods.map { "`run:\($0.name)(" }
    names += ErrorType.fields.map { "`\($0.name)`" }
    names += RunObject.object.fields.map { "`run.\($0.spec.name)`" }
    names += (ReplyType.eagerFields + ReplyType.lazyFields.map(\.spec)).map { "`\($0.name)`" }
    let groups = StatisticsObject.groups(of: .run)
    for group in groups where group.prefix != "errors" { names += group.names.map(\.field) }
    names += groups.dropFirst().map(\.prefix)
    for module in JobrunModule.all {
      names += module.functions.map(\.name) + module.values.map(\.name)
    }
    for name in names { #expect(page.contains(name), "\(name)") }
  }
}
