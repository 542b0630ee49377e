import Foundation
import JobrunModel

@testable import JobrunStorage

/// A journal's files as a power cut may leave them, and what is found in them.
@Loop
final class CutJournal {
  struct Files {
    var main: [UInt8]
    var log: [UInt8]
  }

  /// What an opening gave.
  enum Finding {
    /// The numbers of the answers that were claimed, all of them as they were bought.
    case found([Int])
    case refused(RunError)
    /// An answer that nobody gave.
    case wrong(Int, StoredAnswer)
  }

  /// In memory where the system has such a place: each opening syncs.
  private let folder =
    (FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory())
    + "/jobrun-cut-\(UUID().uuidString)/"
  /// Answers that were bought, in the order of their commits.
  let count: Int
  /// Those that were committed when the log had so many bytes.
  private(set) var committed: [(bytes: Int, answers: Int)] = []
  /// As they were while the run went on: all answers are in the log.
  private(set) var running = Files(main: [], log: [])
  /// As they were when it had ended, and another one after it.
  private(set) var ended = Files(main: [], log: [])

  private static let path = "out/x.journal"
  private static let facts = RunFacts(
    version: "1", job: "job.lua", jobSource: Array("return {}".utf8), input: "in.txt", output: "out.jsonl")

  /// Buys in commits of two; the last answer of each third commit has pages of its own.
  init(commits: Int) async throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    count = commits * 2
    let file = try JournalFile(path: folder + Self.path, run: Self.facts, fresh: false, sharesAnswers: false)
    for commit in 1...commits {
      var batch = JournalBatch()
      for number in [commit * 2 - 1, commit * 2] {
        let request = SentRequest(
          identity: Self.identity(number), model: "m",
          item: ItemReference(id: .integer(number), index: number, content: Int64(number)))
        batch.inFlight = [number + 1]
        let answer = Answer(
          status: 200, headers: [], body: Self.body(number), reply: ReplyFields(text: []), latency: .milliseconds(1))
        batch.answers.append(JournalBatch.Stored(request: request, answer: answer, receivedAt: 0))
      }
      if let fault = await file.writer.commit(batch) { throw fault }
      committed.append((try contents("-wal").count, commit * 2))
    }
    running = Files(main: try contents(""), log: try contents("-wal"))
    let end = RunResult(exitCode: 0, reason: "", stats: "{}")
    try file.close(end)
    // Opened again it gets an index, which can be damaged as well.
    try JournalFile(path: folder + Self.path, run: Self.facts, fresh: false, sharesAnswers: false).close(end)
    ended = Files(main: try contents(""), log: [])
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func contents(_ suffix: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: folder + Self.path + suffix)))
  }

  private static func identity(_ number: Int) -> RequestIdentity {
    RequestIdentity(high: UInt64(number) &* 0x9E37_79B9_7F4A_7C15, low: UInt64(number))
  }

  private static func body(_ number: Int) -> [UInt8] {
    Array(String(repeating: "answer \(number) ", count: number % 6 == 0 ? 800 : 5 + number % 7).utf8)
  }

  /// Opens the journal from these files and claims every answer.
  func open(_ files: Files) throws -> Finding {
    let path = folder + "cut.journal"
    for suffix in ["", "-wal", "-shm", "-journal", ".lock"] { unlink(path + suffix) }
    try Data(files.main).write(to: URL(fileURLWithPath: path))
    if !files.log.isEmpty { try Data(files.log).write(to: URL(fileURLWithPath: path + "-wal")) }
    do throws(RunError) {
      let file = try JournalFile(path: path, run: Self.facts, fresh: false, sharesAnswers: false)
      defer { try? file.close(nil) }
      var found: [Int] = []
      for number in 1...count {
        guard let answer = try file.reader.claim(Self.identity(number)) else { continue }
        guard answer.body == Self.body(number), answer.status == 200 else { return .wrong(number, answer) }
        found.append(number)
      }
      return .found(found)
    } catch {
      return .refused(error)
    }
  }
}
