import GRDB
import JobrunModel
import JobrunReactor

@testable import JobrunStorage

/// A journal in a folder of its own, opened as often as a test likes.
@Loop
struct JournalWorld {
  let folder: TemporaryFolder

  var path: String { folder("out/x.jsonl.journal") }

  /// The first column of what a query gives, as another program reads the journal.
  func query(_ sql: String, of name: String = "out/x.jsonl.journal") throws -> [String] {
    try DatabaseQueue(path: folder(name)).read { try String.fetchAll($0, sql: sql) }
  }

  func facts(itemLimit: Int? = nil) -> RunFacts {
    var facts = RunFacts(
      version: "1", job: "job.lua", jobSource: Array("return {}".utf8), input: "in.txt", output: "out/x.jsonl")
    facts.itemLimit = itemLimit
    return facts
  }

  /// What a run does with the journal, from its opening to its end.
  @discardableResult
  func run<T>(
    mode: RunJournal.Mode = .normal, fresh: Bool = false, shares: Bool = false, itemLimit: Int? = nil,
    exitCode: Int? = 0,
    _ body: @Loop (RunJournal, JournalPast) async throws -> T
  ) async throws -> T {
    let file = try JournalFile(path: path, run: facts(itemLimit: itemLimit), fresh: fresh, sharesAnswers: shares)
    let journal = try RunJournal(file, mode: mode, clock: ReactorClock(), notify: { _ in })
    var result: Result<T, any Error>?
    await withDiscardingTaskGroup { group in
      group.addImmediateTask { @Loop in await journal.run() }
      do { result = .success(try await body(journal, file.past)) } catch { result = .failure(error) }
      journal.endNotes()
    }
    try file.close(exitCode.map { RunResult(exitCode: $0, reason: "", stats: "{}") })
    return try result!.get()
  }
}

/// A request of an item, told apart by its number.
struct JournalledCall {
  let number: Int
  var body: [UInt8]
  var scope = ""

  init(_ number: Int, body: String? = nil) {
    self.number = number
    self.body = Array((body ?? "request \(number)").utf8)
  }

  var record: ItemRecord { ItemRecord(content: .text(Array("item \(number)".utf8)), index: number, line: number) }
}

extension RunJournal {
  func identity(_ call: JournalledCall) -> RequestIdentity { identity(of: call.body, scope: call.scope) }

  func item(_ call: JournalledCall) -> ItemReference { reference(to: call.record, id: .integer(call.number)) }

  func send(_ call: JournalledCall) -> SentRequest { sent(identity(call), model: "m", for: item(call)) }

  /// Buys an answer.
  func buy(_ call: JournalledCall, _ text: String? = nil) async throws(RunError) {
    try await store(.stored(text ?? "answer \(call.number)"), to: send(call))
  }

  /// The text of the answer that the journal has; `none` and `withheld` where it has none, or the error's message.
  func claimed(_ call: JournalledCall) -> String {
    do throws(RunError) {
      switch try claim([identity(call)], for: item(call)) {
      case .answer(let stored): return String(decoding: stored.body, as: UTF8.self)
      case .none: return "none"
      case .withheld: return "withheld"
      }
    } catch {
      return "\(error.message); \(error.hint ?? "")"
    }
  }
}

extension Answer {
  static func stored(_ text: String, headers: String = "") -> Answer {
    var answer = Answer(
      status: 200, headers: Array(headers.utf8), body: Array(text.utf8), reply: ReplyFields(text: Array(text.utf8)),
      latency: .milliseconds(5))
    answer.model = "m"
    return answer
  }
}
