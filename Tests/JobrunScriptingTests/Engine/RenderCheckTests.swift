import Foundation
import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunScripting

@Suite("The check of a rendered request")
struct RenderCheckTests {
  private func check(_ body: String) async throws -> (isRepeatable: Bool, body: String) {
    try await onLoop {
      let folder = try Folder(files: [
        "x.lua": "return { model = 'm', setup = function() end, prompt = function(item, ctx) \(body) end }"
      ])
      let job = try JobFile.load(path: folder.path + "/x.lua", displayPath: "x.lua", host: Script.host())
      let check = try RenderCheck(
        job: job, configuration: ScriptConfiguration(statistics: FixedStatistics()), records: [.line("hello")])
      return (check.isRepeatable, String(decoding: check.first.request?.body ?? [], as: UTF8.self))
    }
  }

  @Test(
    "accepts one that comes out the same", arguments: ["return item.text", "return tostring(math.random(1000000))"])
  func same(body: String) async throws {
    #expect(try await check(body).isRepeatable)
  }

  @Test(
    "finds one that depends on the order of pairs or on an address",
    arguments: [
      "local t, s = {}, '' for i = 1, 50 do t['k' .. i] = i end for k in pairs(t) do s = s .. k end return s",
      "return tostring({})",
    ])
  func different(body: String) async throws {
    #expect(try await !check(body).isRepeatable)
  }

  @Test("shows the request")
  func shown() async throws {
    #expect(try await check("return 'x'").body == #"{"messages":[{"content":"x","role":"user"}],"model":"m"}"#)
  }
}
