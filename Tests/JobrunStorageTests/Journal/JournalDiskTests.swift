import Foundation
import GRDB
import GRDBSQLite
import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunStorage

/// A journal whose disk is full: SQLite's own limit of pages stands for it, and gives the same error.
@Suite struct JournalDiskTests {
  @Loop
  private final class Messages {
    var texts: [String] = []
  }

  @Loop
  private final class Desk {
    let file: JournalFile
    let journal: RunJournal
    let clock: ManualClock
    private let messages = Messages()
    var told: [String] { messages.texts }
    var stored: [Int] = []
    var error: RunError?

    init(_ world: JournalWorld) throws {
      let clock = ManualClock()
      self.clock = clock
      file = try JournalFile(path: world.path, run: world.facts(), fresh: false, sharesAnswers: false)
      journal = try RunJournal(file, mode: .normal, clock: clock, notify: { [messages] in messages.texts.append($0) })
    }

    func allowPages(_ count: Int) throws {
      try file.database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = \(count)") }
    }

    func buy(_ number: Int) async {
      do throws(RunError) {
        try await journal.buy(JournalledCall(number), String(repeating: "x", count: 8_000))
        stored.append(number)
      } catch {
        self.error = error
      }
    }

    /// Lets the journal's thread and the loop go on until something is so.
    func wait(until isSo: () -> Bool) async {
      while !isSo() { await Task.yield() }
    }
  }

  private func desk(_ body: @escaping @Loop @Sendable (Desk, JournalWorld) async throws -> Void) async throws {
    let folder = try TemporaryFolder()
    try await onLoop {
      let world = JournalWorld(folder: folder)
      let desk = try Desk(world)
      try await withThrowingDiscardingTaskGroup { group in
        group.addImmediateTask { @Loop in await desk.journal.run() }
        try await body(desk, world)
        desk.journal.endNotes()
      }
      try? desk.file.close(nil)
    }
  }

  @Test func `a full disk is waited for: what was bought is kept in memory and stored when there is room`() async throws
  {
    try await desk { desk, world in
      await desk.buy(1)
      try desk.allowPages(1)
      try await withThrowingDiscardingTaskGroup { group in
        for number in 2...4 { group.addImmediateTask { @Loop in await desk.buy(number) } }
        await desk.wait { !desk.told.isEmpty }
        for _ in 0..<30 {
          // Asleep are the journal's next try and the interval of its notes.
          await desk.wait { desk.clock.sleeperCount == 2 }
          desk.clock.advance(by: .seconds(1))
        }
        #expect(desk.stored == [1])
        try desk.allowPages(1_000_000)
        await desk.wait {
          desk.clock.advance(by: .seconds(1))
          return desk.stored.count == 4
        }
      }
      #expect(desk.error == nil)
      #expect(desk.told.count == 2)
      #expect(desk.told[0].contains("database or disk is full; nothing is sent, trying again for 60 s"))
      #expect(desk.told[1] == "the journal is written again; going on")
      #expect(try world.query("SELECT count(*) FROM answer") == ["4"])
    }
  }

  @Test func `after a minute the run ends, and says what to do; what was in the journal is whole`() async throws {
    try await desk { desk, world in
      await desk.buy(1)
      try desk.allowPages(1)
      await withDiscardingTaskGroup { group in
        for number in 2...3 { group.addImmediateTask { @Loop in await desk.buy(number) } }
        await desk.wait {
          desk.clock.advance(by: .milliseconds(500))
          return desk.error != nil
        }
      }
      #expect(desk.clock.now >= MonotonicInstant(nanoseconds: 60_000_000_000))
      #expect(desk.error?.code == .inputOutput)
      #expect(desk.error?.hint == "2 answers could not be stored; make room on the disk and run the same command again")
      let late = await #expect(throws: RunError.self) { try await desk.journal.buy(JournalledCall(9)) }
      #expect(late == desk.error)
      #expect(try world.query("SELECT count(*) FROM answer") == ["1"])
    }
  }

  @Test func `a user who wants the end does not wait for the disk`() async throws {
    try await desk { desk, _ in
      await desk.buy(1)
      try desk.allowPages(1)
      await withDiscardingTaskGroup { group in
        group.addImmediateTask { @Loop in await desk.buy(2) }
        await desk.wait { !desk.told.isEmpty && desk.clock.sleeperCount == 2 }
        desk.journal.giveUp()
        desk.clock.advance(by: .seconds(1))
        // It is over, or it sleeps until its next try.
        await desk.wait { desk.error != nil || desk.clock.sleeperCount == 2 }
        #expect(desk.error != nil)
        try? desk.allowPages(1_000_000)
        await desk.wait {
          desk.clock.advance(by: .milliseconds(1))
          return desk.error != nil || desk.stored.count == 2
        }
      }
      #expect(desk.clock.now < MonotonicInstant(nanoseconds: 2_000_000_000))
      #expect(desk.error?.hint?.hasPrefix("1 answer could not be stored; make room on the disk") == true)
    }
  }

  @Test(arguments: [
    (SQLITE_FULL, Int32(0), true), (SQLITE_IOERR | 3 << 8, ENOSPC, true), (SQLITE_IOERR | 3 << 8, EDQUOT, true),
    (SQLITE_IOERR | 3 << 8, EFBIG, true), (SQLITE_IOERR | 3 << 8, EIO, false), (SQLITE_IOERR | 4 << 8, EIO, false),
    (SQLITE_IOERR | 4 << 8, ENOSPC, false), (SQLITE_READONLY, 0, false), (SQLITE_CORRUPT, 0, false),
  ])
  func `lack of room may pass; a failed sync is never tried again`(code: Int32, number: Int32, mayPass: Bool) {
    let fault = JournalFault.judge(code: code, systemError: number, words: "w")
    if case .full = fault { #expect(mayPass) } else { #expect(!mayPass) }
  }
}
