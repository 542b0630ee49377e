import JobrunModel
import JobrunTestSupport
import Testing

@Suite struct ValuesTests {
  @Test func `instants and durations beyond the clock's range are clamped, not trapped on`() {
    let now = MonotonicInstant(nanoseconds: 5)
    #expect(now.advanced(by: .seconds(Int64.max)).nanoseconds == .max)
    #expect(Duration.clamped(seconds: .nan) == .zero)
    #expect(Duration.clamped(seconds: .infinity).seconds > 9e9)
    #expect(Duration.clamped(seconds: -1e300).seconds < -9e9)
    #expect(Duration.clamped(seconds: 1.5) == .milliseconds(1_500))
    #expect(now.duration(to: now.advanced(by: .milliseconds(7))) == .milliseconds(7))
  }

  @Test(
    arguments: [
      ("out/x.jsonl", .jsonLines), ("x.NDJSON", .jsonLines), ("a.b/x.csv", .csv), ("x.Tsv", .tsv), ("-", nil),
      ("x.txt", nil),
      ("a.csv/x", nil), ("x.csv.gz", .csv), ("x.JSONL.GZ", .jsonLines), ("x.gz", nil), ("x.csv.zst", nil),
      ("x.json", nil),
    ] as [(String, OutputSpec.Format?)])
  func `an output has the format of its ending, else the one that is given`(path: String, format: OutputSpec.Format?) {
    #expect(OutputSpec(path: path).format == format ?? .jsonLines)
    #expect(OutputSpec(path: path, format: .tsv).format == format ?? .tsv)
  }

  @Test func `permits go to whoever waits longest, and a closed semaphore sends everybody away`() async throws {
    try await onLoop {
      let semaphore = LoopSemaphore(permits: 1)
      let log = Log()
      await withDiscardingTaskGroup { group in
        for number in 0..<5 {
          group.addImmediateTask { @Loop in
            log.entries.append((number, await semaphore.acquire()))
          }
        }
        while semaphore.waiting < 4 { await Task.yield() }
        semaphore.release()
        semaphore.add(permits: 1)
        await Task.yield()
        semaphore.close()
      }
      #expect(log.entries.map(\.0) == [0, 1, 2, 3, 4])
      #expect(log.entries.map(\.1) == [true, true, true, false, false])
      #expect(await semaphore.acquire() == false)
    }
  }
}

@Loop private final class Log {
  var entries: [(Int, Bool)] = []
}
