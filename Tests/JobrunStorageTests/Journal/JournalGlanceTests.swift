import Foundation
import GRDB
import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunStorage

@Suite struct JournalGlanceTests {
  private func world(_ body: @escaping @Loop @Sendable (JournalWorld) async throws -> Void) async throws {
    let folder = try TemporaryFolder()
    try await onLoop { try await body(JournalWorld(folder: folder)) }
  }

  private func identity(_ number: Int) -> RequestIdentity {
    JournalGlance.identity(of: JournalledCall(number).body, scope: "")
  }

  private func look(_ path: String, _ numbers: Int...) -> JournalGlance.Finding {
    JournalGlance.look(at: path, for: Set(numbers.map(identity)))
  }

  private func glance(_ finding: JournalGlance.Finding) throws -> JournalGlance {
    guard case .found(let glance) = finding else {
      Issue.record("not found: \(finding)")
      throw CancellationError()
    }
    return glance
  }

  @Test func `the answers to each request are counted, with an index and without, and nothing is changed`() async throws
  {
    try await world { world in
      try await world.run { journal, _ in
        for number in [1, 2, 2] { try await journal.buy(JournalledCall(number)) }
      }
      for isIndexed in [false, true] {
        let before = try Data(contentsOf: URL(fileURLWithPath: world.path))
        let glance = try self.glance(self.look(world.path, 1, 2, 3))
        #expect(glance.answers == 3)
        #expect(glance.answersByRequest == [self.identity(1): 1, self.identity(2): 2])
        #expect(try Data(contentsOf: URL(fileURLWithPath: world.path)) == before)
        #expect(try FileManager.default.contentsOfDirectory(atPath: world.folder("out")) == ["x.jsonl.journal"])
        // Opened again, a journal gets its index.
        if !isIndexed { try await world.run { _, _ in } }
      }
      #expect(try world.query("SELECT name FROM sqlite_master WHERE name = 'answer_request'") == ["answer_request"])
    }
  }

  @Test func `means are those of the last thousand answers, and unknown ones are nil`() async throws {
    try await world { world in
      try await world.run { journal, _ in try await journal.buy(JournalledCall(1)) }
      #expect(try self.glance(self.look(world.path)).meanOutputTokens == nil)
      try await DatabaseQueue(path: world.path).write { db in
        try db.execute(sql: "UPDATE answer SET input_tokens = 7, output_tokens = 30, latency_ms = 1500")
      }
      let glance = try self.glance(self.look(world.path))
      #expect(glance.meanInputTokens == 7)
      #expect(glance.meanOutputTokens == 30)
      #expect(glance.meanLatency == 1.5)
      #expect(glance.answersByRequest == [:])
    }
  }

  @Test func `a superseded answer does not count`() async throws {
    try await world { world in
      try await world.run { journal, _ in
        for _ in 1...2 { try await journal.buy(JournalledCall(1)) }
      }
      try await DatabaseQueue(path: world.path).write {
        try $0.execute(sql: "UPDATE answer SET superseded = 1 WHERE id = 1")
      }
      #expect(try self.glance(self.look(world.path, 1)).answersByRequest == [self.identity(1): 1])
    }
  }

  @Test func `a run that goes on is left in peace; a dead one's lock is none`() async throws {
    try await world { world in
      try await world.run { journal, _ in
        try await journal.buy(JournalledCall(1))
        guard case .busy(let holder) = self.look(world.path, 1) else { return #expect(Bool(false), "not busy") }
        #expect(holder.hasPrefix("process \(getpid()) on "))
      }
      try Data("process 1 on nowhere\n".utf8).write(to: URL(fileURLWithPath: world.path + ".lock"))
      #expect(try self.glance(self.look(world.path, 1)).answers == 1)
    }
  }

  @Test func `the log of a dead run is read, too`() async throws {
    try await world { world in
      try await world.run { journal, _ in
        try await journal.buy(JournalledCall(1))
        // As a killed process leaves them.
        for suffix in ["", "-wal"] {
          try FileManager.default.copyItem(atPath: world.path + suffix, toPath: world.folder("copy.journal" + suffix))
        }
      }
      #expect(try self.glance(self.look(world.folder("copy.journal"), 1)).answersByRequest == [self.identity(1): 1])
    }
  }

  @Test(arguments: ["a b", "a%20b", "a?b=c#d", "ü", "file:x"])
  func `a path is taken literally`(name: String) async throws {
    try await world { world in
      try await world.run { journal, _ in try await journal.buy(JournalledCall(1)) }
      let path = world.folder(name)
      try FileManager.default.moveItem(atPath: world.path, toPath: path)
      #expect(try self.glance(self.look(path, 1)).answers == 1)
    }
  }

  @Test func `what is no journal is told, and makes no trouble`() async throws {
    try await world { world in
      #expect(self.look(world.folder("none")) == .absent)
      try world.folder.write("plain text, longer than a header of SQLite", to: "text")
      #expect(self.look(world.folder("text")) == .unreadable("file is not a database"))
      try world.folder.write("", to: "empty")
      #expect(self.look(world.folder("empty")) == .unreadable("it is no journal of jobrun"))
      try await DatabaseQueue(path: world.folder("other")).write { try $0.execute(sql: "CREATE TABLE answer(x)") }
      #expect(self.look(world.folder("other")) == .unreadable("it is no journal of jobrun"))
      try await world.run { journal, _ in try await journal.buy(JournalledCall(1)) }
      try await DatabaseQueue(path: world.path).write { try $0.execute(sql: "PRAGMA user_version = 99") }
      #expect(self.look(world.path) == .unreadable("it was written by another version of jobrun"))
      try await DatabaseQueue(path: world.path).write {
        try $0.execute(sql: "PRAGMA user_version = 1; DROP TABLE answer; CREATE TABLE answer(id, request)")
      }
      guard case .unreadable = self.look(world.path, 1) else { return #expect(Bool(false), "readable") }
    }
  }
}
