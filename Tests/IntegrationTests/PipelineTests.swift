import Foundation
import JobrunExecutor
import JobrunHTTP
import JobrunMock
import JobrunModel
import JobrunReactor
import JobrunScripting
import JobrunStorage
import JobrunTestSupport
import Testing

/// The modules wired as the program wires them, in this process.
@Suite struct PipelineTests {
  @Test func `an item's whole way enqueues nothing from another thread`() async throws {
    try await Program.inFolder { program in
      let job = try program.write(
        "job.lua",
        """
        return { input = "in.txt", model = "m", prompt = function(item) return item.text end,
          on_reply = function(reply) reply.text = reply.text:upper() end,
          parse = function(reply, item, ctx) return { id = ctx.id, said = reply.text } end }
        """)
      let items = 2_000
      let input = try program.write("in.txt", (1...items).map { "line \($0)\n" }.joined())
      let folder = program.folder.path
      try await MockServer.run(MockBehavior(reply: .echo)) { server in
        let baseURL = server.baseURL
        let crossings = try await onLoop {
          await leastThreadCrossings(enough: items / 20 - 1) {
            await #expect(throws: Never.self) {
              try await runPipeline(job: job, input: input, output: folder + "/out.jsonl", baseURL: baseURL)
            }
          }
        }
        // Some chunks of the input and some writes of the output come back from their threads; no item does.
        #expect(crossings < items / 20)
        let rows = try program.lines("out.jsonl")
        #expect(rows.count == items)
        #expect(rows[41] == #"{"id":42,"said":"LINE 42"}"#)
      }
    }
  }
}

@Loop
private func runPipeline(job path: String, input: String, output: String, baseURL: String) async throws {
  let clock = ReactorClock()
  let statistics = RunStatistics(clock: clock)
  let host = ScriptHost(
    version: "0", log: { _, _ in }, rows: { (input) throws(RunError) in try InputOpener.rows(for: input) })
  let job = try JobFile.load(path: path, host: host)
  let script = try LuaScriptEngine(job: job, configuration: ScriptConfiguration(statistics: statistics))
  let transport = HTTPTransport(
    endpoint: Endpoint(name: "mock", baseURL: baseURL),
    options: TransportOptions(concurrency: 16, version: "0"))
  let route = ModelRoute(
    key: "", transport: transport, endpoint: EndpointDescription(name: "mock", host: "127.0.0.1", url: baseURL))
  let executor = Executor(
    options: ExecutorOptions(concurrency: .fixed(16)), source: try InputOpener.source(for: InputSpec(path: input)),
    script: script, models: .any(route), sink: try FileSink(output: OutputSpec(path: output), order: .input),
    clock: clock, statistics: statistics)
  let (end, _) = try await executor.run()
  #expect(end == .completed)
}
