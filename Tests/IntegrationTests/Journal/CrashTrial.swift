import Foundation
import GRDB
import JobrunMock
import Testing

/// A job that is run, killed and run again, and what must be true after each of them.
struct CrashTrial {
  struct Stored: Equatable {
    var item: Int
    var text: String
  }

  let program: Program
  let server: MockServer
  let answers: CountingProvider
  let prompts: [String]
  let slots: Int
  var dedupe = false
  /// Runs that died or failed.
  var crashes = 0
  /// The journal's answers by their ids, as they were at the last look.
  private(set) var known: [Int64: Stored] = [:]

  init(
    _ program: Program, _ server: MockServer, _ answers: CountingProvider, prompts: [String], slots: Int,
    dedupe: Bool = false
  ) throws {
    (self.program, self.server, self.answers, self.prompts) = (program, server, answers, prompts)
    (self.slots, self.dedupe) = (slots, dedupe)
    try program.write(
      "job.lua",
      """
      return { input = "in.txt", output = "out.jsonl", model = "m", concurrency = \(slots), dedupe = \(dedupe),
        prompt = function(item) return item.text end,
        parse = function(reply, item, ctx) return { id = ctx.id, text = reply.text } end }
      """)
    try program.write("in.txt", prompts.map { $0 + "\n" }.joined())
  }

  var arguments: [String] { ["job.lua", "--base-url", server.baseURL] }

  /// What the job has to buy.
  var need: Int { dedupe ? Set(prompts).count : prompts.count }

  func run(_ more: String...) async throws -> Program.Result {
    let (process, output, errors) = program.process(arguments + more)
    try process.run()
    return await Program.result(of: process, output, errors)
  }

  /// Looks into a copy of the journal, so that the next run finds it as it was left: what was in it is still there, all
  /// of it was bought, and a row that a hook made of an answer proves that the answer was stored before.
  mutating func look(_ comment: Comment? = nil) throws {
    let now = try stored()
    for (id, answer) in known { #expect(now[id] == answer, comment) }
    var texts: Set<String> = []
    for answer in now.values {
      let (prompt, number) = try Self.parts(of: answer.text)
      #expect(prompt == prompts[answer.item - 1], comment)
      #expect(number <= answers.count(of: prompt), comment)
      #expect(texts.insert(answer.text).inserted, comment)
    }
    if dedupe { #expect(try Set(texts.map { try Self.parts(of: $0).prompt }).count == texts.count, comment) }
    if program.exists("out.jsonl.part") {
      // The last line may be torn.
      for row in try program.read("out.jsonl.part").split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      {
        #expect(texts.contains(try Row(row).text), comment)
      }
    }
    known = now
  }

  /// After a run that came to its end.
  mutating func checkEnd(_ comment: Comment? = nil) async throws {
    try look(comment)
    let rows = try program.lines("out.jsonl").map { try Row($0) }
    #expect(rows.map(\.id) == Array(1...prompts.count), comment)
    let texts = Set(known.values.map(\.text))
    for row in rows {
      #expect(texts.contains(row.text), comment)
      #expect(try Self.parts(of: row.text).prompt == prompts[row.id - 1], comment)
    }
    if !dedupe { #expect(Set(rows.map(\.text)).count == rows.count, comment) }
    #expect(answers.total - need <= crashes * slots, comment)
    #expect(!program.exists("out.jsonl.part"), comment)
    let requests = server.requestsReceived
    let offline = try await run("--offline")
    #expect(offline.status == 0 && server.requestsReceived == requests, comment)
  }

  private func stored() throws -> [Int64: Stored] {
    guard program.exists("out.jsonl.journal") else { return [:] }
    let copy = program.folder.appendingPathComponent("look")
    try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: copy) }
    for suffix in ["", "-wal", "-journal"] where program.exists("out.jsonl.journal" + suffix) {
      try FileManager.default.copyItem(
        at: program.folder.appendingPathComponent("out.jsonl.journal" + suffix),
        to: copy.appendingPathComponent("journal" + suffix))
    }
    return try DatabaseQueue(path: copy.path + "/journal").read { db in
      guard try db.tableExists("answer") else { return [:] }
      var result: [Int64: Stored] = [:]
      for row in try GRDB.Row.fetchAll(db, sql: "SELECT id, item_index, body FROM answer") {
        result[row["id"]] = Stored(item: row["item_index"], text: try Self.text(of: row["body"]))
      }
      return result
    }
  }

  private static func parts(of text: String) throws -> (prompt: String, number: Int) {
    let separator = try #require(text.range(of: " #", options: .backwards))
    return (String(text[..<separator.lowerBound]), try #require(Int(text[separator.upperBound...])))
  }

  private static func text(of body: Data) throws -> String {
    struct Completion: Decodable {
      struct Choice: Decodable {
        struct Message: Decodable { var content: String }
        var message: Message
      }
      var choices: [Choice]
    }
    return try #require(try JSONDecoder().decode(Completion.self, from: body).choices.first).message.content
  }

  private struct Row: Decodable {
    var id: Int
    var text: String

    init(_ line: some StringProtocol) throws { self = try JSONDecoder().decode(Self.self, from: Data(line.utf8)) }
  }
}
