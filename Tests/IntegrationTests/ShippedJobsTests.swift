import Foundation
import JobrunMock
import Testing

/// Every job of the repository runs; real data too, where it lies beside the repository.
@Suite(.serialized) struct ShippedJobsTests {
  private static let jobs = ((try? FileManager.default.contentsOfDirectory(atPath: Program.root.path + "/jobs")) ?? [])
    .filter { $0.hasSuffix(".lua") }.sorted()

  @Test func `there are jobs`() { #expect(Self.jobs.contains("translate.lua")) }

  @Test(arguments: jobs) func `a shipped job runs with the mock and passes its own check`(name: String) async throws {
    try await Program.inFolder { program in
      let job = Program.root.path + "/jobs/" + name
      let result = try await program.run("--mock=fast", job, "--output", "rows.jsonl")
      #expect(result.status == 0, "\(result.errors)")
      #expect(try program.lines("rows.jsonl").count >= 10)
      let check = try await program.run("check", "--mock", job)
      #expect(check.status == 0, "\(check.errors)")
      #expect(check.output.hasPrefix("{"))
    }
  }

  @Test(
    .enabled(if: Program.hasData("flores-en.txt"), "the real inputs do not lie beside this clone"),
    arguments: [
      ("translate.lua", "flores-en.txt", 2_835), ("solve.lua", "gsm8k-test.jsonl", 1_319),
      ("classify.lua", "nsmc-reviews.csv", 5_000),
    ])
  func `real data comes out whole and in order`(job: String, input: String, count: Int) async throws {
    try await Program.inFolder { program in
      let result = try await program.run(
        "--mock=fast", Program.root.path + "/jobs/" + job, "--input", Program.data.appendingPathComponent(input).path,
        "--output", "out/rows.jsonl", "--concurrency", "32", "--json", "-q")
      #expect(result.status == 0, "\(result.errors)")
      let rows = try program.lines("out/rows.jsonl").map { row in
        try #require(try JSONSerialization.jsonObject(with: Data(row.utf8)) as? [String: Any])
      }
      #expect(rows.count == count)
      if let ids = try reviewIDs(input) {
        let isInOrder = rows.map { $0["review_id"] as? String } == ids
        #expect(isInOrder)
      } else {
        let isInOrder = rows.map { $0["id"] as? Int } == Array(1...count)
        #expect(isInOrder)
      }
    }
  }

  /// The ids of the reviews, read in another way than the program does: records begin with two numbers.
  private func reviewIDs(_ input: String) throws -> [String?]? {
    guard input.hasSuffix(".csv") else { return nil }
    let text = try String(contentsOf: Program.data.appendingPathComponent(input), encoding: .utf8)
    return text.split(whereSeparator: \.isNewline).compactMap {
      $0.prefixMatch(of: /([0-9]+),[0-9]+,/).map { String($0.1) }
    }
  }

  @Test func `summarize takes 500 documents, with the limits that it is told`() async throws {
    try await Program.inFolder { program in
      let documents = (1...500).map { number in
        let text = String(repeating: "Document \(number) tells of a town by a river. ", count: 20)
        return "{\"id\":\"doc-\(number)\",\"title\":\"Town \(number)\",\"text\":\"\(text)\"}\n"
      }
      try program.write("documents.jsonl", documents.joined())
      // The job's own 60 requests a minute would take eight minutes.
      let result = try await program.run(
        "--mock=fast", Program.root.path + "/jobs/summarize.lua", "--input", "documents.jsonl", "--output",
        "rows.jsonl", "--rpm", "60000", "--tpm", "100000000", "--json")
      #expect(result.status == 0, "\(result.errors)")
      let rows = try program.lines("rows.jsonl")
      #expect(rows.count == 500)
      #expect(rows[499].hasPrefix("{\"id\":\"doc-500\",\"summary\":"))
      #expect(try program.read("report.md").hasPrefix("# Summaries\n"))
    }
  }
}
