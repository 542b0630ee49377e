import Foundation
import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunScripting

/// The job files of the repository, each loaded and run on replies that are arbitrary text.
@Suite("The job file")
struct JobFilesTests {
  static let replies = [
    "", "positive", "NEGATIVE.", "Lorem ipsum dolor, 12.", "#### 1,234.50", "####", "-", "99999999999999999999",
    String(repeating: "9", count: 400), "한국어 \u{0} 답", "```json\n{}\n```", "1e999 inf nan 0x10",
  ]

  @Loop
  private static func engine(_ name: String) throws -> LuaScriptEngine {
    let path = LuaTypesTests.root.path + "/jobs/\(name).lua"
    let job = try JobFile.load(path: path, displayPath: "jobs/\(name).lua", host: Script.host())
    return try LuaScriptEngine(job: job, configuration: ScriptConfiguration(statistics: FixedStatistics()))
  }

  @Loop
  private static func rows(_ engine: LuaScriptEngine, _ record: ItemRecord, _ reply: String) -> [String] {
    let (item, step) = engine.begin(record)
    guard case .call = step else { return ["\(step)"] }
    guard case .ok(let rows)? = engine.resume(item, with: .success(.text(reply))).result else { return [] }
    return rows.map { String(decoding: $0, as: UTF8.self) }
  }

  static let records: [(String, ItemRecord)] = [
    ("translate", .line("A GPU waits.")), ("solve", .json(#"{"id":"a","question":"1 + 1?"}"#)),
    ("classify", .columns([("review_id", "7"), ("language", "en"), ("review", "Fine.")])),
  ]

  @Test("makes one row of whatever the model answers", arguments: records)
  func rows(name: String, record: ItemRecord) async throws {
    let counts = try await onLoop {
      let engine = try Self.engine(name)
      return Self.replies.map { Self.rows(engine, record, $0).count }
    }
    #expect(counts == Self.replies.map { _ in 1 })
  }

  @Test("translate.lua gives the glossary's terms only where they occur")
  func translate() async throws {
    let bodies = try await onLoop {
      let engine = try Self.engine("translate")
      return ["A GPU waits.", "GPUs wait."].map { text in
        let (item, step) = engine.begin(.line(text))
        defer { engine.abandon(item) }
        return String(decoding: step.request?.body ?? [], as: UTF8.self)
      }
    }
    #expect(
      bodies == [
        #"{"messages":[{"content":"Render these terms exactly so:\n- GPU: GPU","role":"system"},"#
          + #"{"content":"Translate into French. Answer with the translation only.","role":"system"},"#
          + #"{"content":"A GPU waits.","role":"user"}],"model":"gpt-4.1","temperature":0.7}"#,
        #"{"messages":[{"content":"Translate into French. Answer with the translation only.","role":"system"},"#
          + #"{"content":"GPUs wait.","role":"user"}],"model":"gpt-4.1","temperature":0.7}"#,
      ])
  }

  @Test(
    "solve.lua finds the number",
    arguments: [
      ("So 5 + 6.\n#### 11", "11"), ("#### 3 no, #### 1,234.50", "1234.5"), ("it is 7, or 8.", "8"), ("#### $-4", "-4"),
    ])
  func solve(reply: String, expected: String) async throws {
    let rows = try await onLoop { Self.rows(try Self.engine("solve"), .json(#"{"id":"a","question":"?"}"#), reply) }
    #expect(rows.first?.hasPrefix("{\"id\":\"a\",\"answer\":\(expected),\"question\"") == true, "\(rows)")
  }

  @Test(
    "classify.lua finds the label",
    arguments: [
      ("Positive", "positive"), (" negative, because", "negative"), ("Hmm", "unclear"), ("", "unclear"),
    ])
  func classify(reply: String, expected: String) async throws {
    let rows = try await onLoop { Self.rows(try Self.engine("classify"), Self.records[2].1, reply) }
    #expect(rows == [#"{"review_id":"7","label":"\#(expected)","review":"Fine."}"#])
  }

  @Test(
    "glossary.lua says what it wants",
    arguments: [
      ("glossary {}", "glossary: at least one term expected, as in glossary { GPU = \"GPU\" }"),
      ("glossary { GPU = 1 }", "glossary: terms and their renderings are strings"),
    ])
  func glossary(call: String, expected: String) async throws {
    let file = LuaTypesTests.root.path + "/jobs/hooks/glossary.lua"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let problems = try await onLoop {
      try Script.problems(
        "local glossary = require 'glossary' return { prompt = print, use = { \(call) } }",
        files: ["glossary.lua": text])
    }
    #expect(problems.count == 1)
    #expect(problems.first?.hasSuffix(expected) == true)
  }

  @Test("glossary.lua reads the field that it is told to, and needs whole words")
  func glossaryField() async throws {
    let file = LuaTypesTests.root.path + "/jobs/hooks/glossary.lua"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let request = try await onLoop {
      try Script(
        """
        local glossary = require "glossary"
        return { model = "m", prompt = function(item) return item.review end,
          use = { glossary { "review", B = "b", A = "a", C = "c" } } }
        """, files: ["glossary.lua": text]
      ).request(.json(#"{"review":"B and A, not CC or _C."}"#))
    }
    #expect(
      request.hasPrefix(#"{"messages":[{"content":"Render these terms exactly so:\n- A: a\n- B: b","role":"system"}"#))
  }

  @Test("names an input that is there", arguments: ["translate", "solve", "classify"])
  func inputs(name: String) async throws {
    let input = try await onLoop { try Self.engine(name).inputPath }
    #expect(FileManager.default.fileExists(atPath: input ?? ""))
  }
}
