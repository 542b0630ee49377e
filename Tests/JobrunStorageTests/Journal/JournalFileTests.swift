import Foundation
import GRDB
import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunStorage

@Suite struct JournalFileTests {
  private func world(_ body: @escaping @Loop @Sendable (JournalWorld) async throws -> Void) async throws {
    let folder = try TemporaryFolder()
    try await onLoop { try await body(JournalWorld(folder: folder)) }
  }

  @Test func `only its owner can read it, and its companions are gone at the end`() async throws {
    try await world { world in
      try await world.run { journal, _ in
        try await journal.buy(JournalledCall(1))
        for suffix in ["", "-wal", "-shm", ".lock"] {
          let attributes = try FileManager.default.attributesOfItem(atPath: world.path + suffix)
          #expect(attributes[.posixPermissions] as? Int == 0o600, "\(suffix)")
        }
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: world.folder("out")) == ["x.jsonl.journal"])
    }
  }

  @Test func `every commit is synced, and checkpoints do not stop commits`() async throws {
    try await world { world in
      let file = try JournalFile(path: world.path, run: world.facts(), fresh: false, sharesAnswers: false)
      let settings = try file.database.writeWithoutTransaction { db in
        try ["synchronous", "journal_mode", "wal_autocheckpoint"].map { try String.fetchOne(db, sql: "PRAGMA \($0)") }
      }
      #expect(settings == ["2", "wal", "0"])
      try file.close(nil)
    }
  }

  @Test func `a second process is told who has it`() async throws {
    try await world { world in
      try await world.run { _, _ in
        let error = #expect(throws: RunError.self) {
          try JournalFile(path: world.path, run: world.facts(), fresh: false, sharesAnswers: false)
        }
        #expect(error?.code == .inputOutput)
        #expect(error?.message.contains("is in use by process \(getpid()) on ") == true)
      }
      try await world.run { _, _ in }
    }
  }

  @Test func `--fresh gives the old one another name, with all its answers`() async throws {
    try await world { world in
      try await world.run { journal, _ in try await journal.buy(JournalledCall(1)) }
      try await world.run(fresh: true) { journal, past in
        #expect(past.answers == 0)
        #expect(journal.claimed(JournalledCall(1)) == "none")
        let aside = try #require(past.setAside)
        let answers = try await DatabaseQueue(path: aside).read {
          try Int.fetchOne($0, sql: "SELECT count(*) FROM answer")
        }
        #expect(answers == 1)
      }
      try await world.run(fresh: true) { _, past in #expect(past.setAside != nil) }
      #expect(try FileManager.default.contentsOfDirectory(atPath: world.folder("out")).count == 3)
    }
  }

  @Test func `a file that is no journal is refused, and stays as it is`() async throws {
    try await world { world in
      try FileManager.default.createDirectory(atPath: world.folder("out"), withIntermediateDirectories: true)
      for contents in [
        Array("not a database at all, but long enough to look like one".utf8), try Self.foreignDatabase(),
      ] {
        try Data(contents).write(to: URL(fileURLWithPath: world.path))
        let error = #expect(throws: RunError.self) {
          try JournalFile(path: world.path, run: world.facts(), fresh: false, sharesAnswers: false)
        }
        #expect(error?.code == .inputOutput)
        #expect(error?.hint != nil)
        #expect(
          FileManager.default.contents(atPath: world.path).map { Array($0.suffix(100)) } == Array(contents.suffix(100)))
      }
    }
  }

  private static func foreignDatabase() throws -> [UInt8] {
    let folder = try TemporaryFolder()
    let database = try DatabaseQueue(path: folder("other"))
    try database.write { try $0.execute(sql: "CREATE TABLE t(x)") }
    try database.close()
    return Array(FileManager.default.contents(atPath: folder("other")) ?? Data())
  }

  @Test func `a newer version's journal is refused`() async throws {
    try await world { world in
      try await world.run { _, _ in }
      try await DatabaseQueue(path: world.path).writeWithoutTransaction {
        try $0.execute(sql: "PRAGMA user_version = 99")
      }
      let error = await #expect(throws: RunError.self) { try await world.run { _, _ in } }
      #expect(error?.message.hasSuffix("was written by a newer jobrun (journal version 99)") == true)
    }
  }

  @Test(arguments: ["body = 'other'", "request = zeroblob(16)", "checksum = 0"])
  func `an answer that was changed is refused, and the message says how to buy just that one again`(
    change: String
  ) async throws {
    try await world { world in
      let call = JournalledCall(1)
      try await world.run { journal, _ in try await journal.buy(call) }
      try await DatabaseQueue(path: world.path).write { try $0.execute(sql: "UPDATE answer SET \(change)") }
      try await world.run { journal, _ in
        guard !change.hasPrefix("request") else {
          #expect(journal.claimed(call) == "none")
          return
        }
        let error = journal.claimed(call)
        #expect(error.contains("answer 1 in the journal"))
        #expect(error.contains("DELETE FROM answer WHERE id = 1"))
      }
    }
  }

  @Test func `a run that ended has its exit and its numbers; one that died has none`() async throws {
    try await world { world in
      try await world.run(exitCode: 1) { _, _ in }
      try await world.run(exitCode: nil) { _, _ in }
      #expect(
        try world.query(
          "SELECT coalesce(exit_code, '-') || ' ' || (ended_at IS NOT NULL) || ' ' || coalesce(stats, '-') FROM run")
          == ["1 1 {}", "- 0 -"])
      #expect(try world.query("SELECT job_sha256 FROM run")[0].count == 64)
    }
  }

  @Test func `a journal that is deleted under a run ends it: nobody would find its answers`() async throws {
    try await world { world in
      let error = await #expect(throws: RunError.self) {
        try await world.run { journal, _ in
          try await journal.buy(JournalledCall(1))
          try FileManager.default.removeItem(atPath: world.folder("out"))
          try await journal.buy(JournalledCall(2))
        }
      }
      #expect(error?.message.hasSuffix("x.jsonl.journal: it was deleted") == true)
      // One that was only moved goes on.
      try await world.run { journal, _ in
        try await journal.buy(JournalledCall(1))
        try FileManager.default.moveItem(atPath: world.folder("out"), toPath: world.folder("moved"))
        try await journal.buy(JournalledCall(2))
      }
      #expect(try world.query("SELECT count(*) FROM answer", of: "moved/x.jsonl.journal") == ["2"])
    }
  }

  @Test func `a folder that cannot be made is told before anything is sent`() async throws {
    try await world { world in
      try world.folder.write("", to: "out")
      let error = await #expect(throws: RunError.self) { try await world.run { _, _ in } }
      #expect(error?.code == .cannotCreateOutput)
    }
  }
}
