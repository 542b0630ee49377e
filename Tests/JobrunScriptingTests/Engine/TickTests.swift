import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunScripting

@Suite("on_tick")
struct TickTests {
  @Test("runs in the libraries in order, then in the job, with the live numbers and the run")
  func order() async throws {
    let seen = try await onLoop {
      let script = try Script(
        """
        local seen = {}
        local function library(name)
          return { on_tick = function(stats, run) seen[#seen + 1] = name .. stats.items.ok .. tostring(run.stats == stats) end }
        end
        local job = library("job")
        job.model, job.prompt = "m", print
        job.use = { library("use1"), library("use2") }
        job.finish = function() return { seen = table.concat(seen, " ") } end
        return job
        """)
      #expect(script.engine.hasTick)
      for count in 1...2 {
        script.statistics.values[.itemsOK] = .integer(count)
        try script.engine.tick()
      }
      return try script.engine.finish().map { String(decoding: $0.contents, as: UTF8.self) }
    }
    #expect(seen == ["use11true use21true job1true use12true use22true job2true"])
  }

  @Test("is not there where nobody has it")
  func absent() async throws {
    #expect(try await onLoop { try Script("return { model = 'm', prompt = print }").engine.hasTick } == false)
  }

  @Test("ends the run where it fails, with its place and the traceback")
  func fails() async throws {
    let error = try await onLoop {
      let script = try Script(
        "local function inner(stats) return stats.itmes end\nreturn { model = 'm', prompt = print,\n  on_tick = function(s) local x = inner(s) end }"
      )
      do throws(RunError) {
        try script.engine.tick()
        return RunError(.internal, "no error")
      } catch {
        return error
      }
    }
    #expect(error.code == .job)
    #expect(error.message == "on_tick: jobs/test.lua:1: stats has no field \"itmes\" (did you mean \"items\"?)")
    #expect(error.cause?.contains("jobs/test.lua:3: in function") == true, "\(error.cause ?? "")")
  }
}
