import Foundation
import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunStorage

@Suite struct RunJournalTests {
  private func world(_ body: @escaping @Loop @Sendable (JournalWorld) async throws -> Void) async throws {
    let folder = try TemporaryFolder()
    try await onLoop { try await body(JournalWorld(folder: folder)) }
  }

  @Test func `an answer that was stored is found by its request in every later run, once a run`() async throws {
    try await world { world in
      try await world.run { journal, past in
        #expect(past.answers == 0)
        for number in 1...50 {
          #expect(journal.claimed(JournalledCall(number)) == "none")
          try await journal.buy(JournalledCall(number))
        }
        #expect(journal.claimed(JournalledCall(1)) == "none", "an answer of this run serves its own item only")
      }
      for _ in 0..<2 {
        try await world.run { journal, past in
          #expect(past.answers == 50)
          for number in (1...50).reversed() {
            #expect(journal.claimed(JournalledCall(number)) == "answer \(number)")
            #expect(journal.claimed(JournalledCall(number)) == "none")
          }
          #expect(journal.claimed(JournalledCall(51)) == "none")
          #expect(journal.reused == 50)
        }
      }
    }
  }

  @Test func `identical requests claim as many answers as were bought, in the order in which they came`() async throws {
    try await world { world in
      let same = (1...5).map { JournalledCall($0, body: "the same") }
      try await world.run { journal, _ in
        for (index, call) in same.prefix(3).enumerated() { try await journal.buy(call, "answer \(index)") }
        try await journal.buy(JournalledCall(9), "another")
      }
      for _ in 0..<2 {
        try await world.run { journal, _ in
          var texts: [String] = []
          for call in same { texts.append(journal.claimed(call)) }
          #expect(texts == ["answer 0", "answer 1", "answer 2", "none", "none"])
        }
      }
    }
  }

  @Test func `an answer is on the disk when it is stored: a process that dies then has lost nothing`() async throws {
    try await world { world in
      let file = try JournalFile(path: world.path, run: world.facts(), fresh: false, sharesAnswers: false)
      let journal = try RunJournal(file, mode: .normal, clock: ManualClock(), notify: { _ in })
      try await withThrowingDiscardingTaskGroup { group in
        group.addImmediateTask { @Loop in await journal.run() }
        let lost = (2...4).map { journal.send(JournalledCall($0)) }
        try await journal.buy(JournalledCall(1))
        // The journal as a crash leaves it at this instant.
        for suffix in ["", "-wal"] {
          try FileManager.default.copyItem(atPath: world.path + suffix, toPath: world.folder("copy" + suffix))
        }
        let answers = try world.query("SELECT CAST(body AS TEXT) FROM answer", of: "copy")
        #expect(answers == ["answer 1"])
        let inFlight = try world.query("SELECT value FROM in_flight, json_each(items) ORDER BY 1", of: "copy")
        #expect(inFlight == ["2", "3", "4"])
        let open = try world.query("SELECT count(*) FROM run WHERE ended_at IS NULL", of: "copy")
        #expect(open == ["1"])
        for request in lost { journal.failed(request, AttemptError(.network, message: "", dispatched: .no)) }
        journal.endNotes()
        group.cancelAll()
      }
      try file.close(nil)
    }
  }

  @Test func `requests in flight when a run died are told to the next one, and once`() async throws {
    try await world { world in
      try await world.run(exitCode: nil) { journal, _ in
        for number in 1...3 { _ = journal.send(JournalledCall(number)) }
        try await journal.buy(JournalledCall(4))
      }
      try await world.run { _, past in
        #expect(past.lost == 3)
      }
      try await world.run { _, past in
        #expect(past.lost == 0)
      }
      let lost = try world.query("SELECT lost FROM run ORDER BY id")
      #expect(lost == ["3", "0", "0"])
    }
  }

  @Test func `requests that ended are no longer in flight, and those that may be billed are listed`() async throws {
    try await world { world in
      try await world.run { journal, _ in
        let requests = (1...4).map { journal.send(JournalledCall($0)) }
        try await journal.buy(JournalledCall(5))
        journal.failed(requests[0], AttemptError(.rateLimit, status: 429, message: "wait", dispatched: .yes))
        journal.failed(requests[1], AttemptError(.network, message: "reset", dispatched: .maybe))
        var unusable = AttemptError(.badResponse, status: 200, message: "no JSON", dispatched: .yes)
        unusable.body = Array("<html>".utf8)
        journal.failed(requests[2], unusable)
        journal.failed(requests[3], AttemptError(.network, message: "refused", dispatched: .no))
      }
      let tries = try world.query(
        "SELECT item_index || ' ' || class || ' ' || status || ' ' || coalesce(CAST(body AS TEXT), '-') FROM failed_try ORDER BY id"
      )
      #expect(tries == ["2 network 0 -", "3 bad_response 200 <html>"])
      #expect(try world.query("SELECT count(*) FROM in_flight") == ["0"])
    }
  }

  @Test func `with --offline nothing is to be asked`() async throws {
    try await world { world in
      try await world.run { journal, _ in try await journal.buy(JournalledCall(1)) }
      try await world.run(mode: .offline) { journal, _ in
        #expect(journal.claimed(JournalledCall(1)) == "answer 1")
        #expect(journal.claimed(JournalledCall(2)) == "withheld")
      }
    }
  }

  @Test func `with --failed only items that failed are asked, and the others keep their answers whatever they ask now`()
    async throws
  {
    try await world { world in
      try await world.run(exitCode: 1) { journal, _ in
        for number in 1...4 { try await journal.buy(JournalledCall(number)) }
        journal.itemFailed(journal.item(JournalledCall(2)), ItemFailure(.rejected, message: "no"))
      }
      // A run that was interrupted since: what failed before is still to be asked.
      try await world.run(exitCode: 75) { journal, _ in
        journal.itemFailed(journal.item(JournalledCall(3)), ItemFailure(.hook, message: "no"))
      }
      try await world.run(mode: .failedOnly, exitCode: 75) { journal, past in
        #expect(journal.claimed(JournalledCall(1, body: "a new prompt 1")) == "answer 1")
        #expect(journal.claimed(JournalledCall(2, body: "a new prompt 2")) == "none")
        #expect(journal.claimed(JournalledCall(2)) == "none", "its old answer was no good")
        #expect(journal.claimed(JournalledCall(3)) == "none")
        #expect(journal.claimed(JournalledCall(4)) == "answer 4")
        #expect(journal.claimed(JournalledCall(5)) == "withheld")
        try await journal.buy(JournalledCall(2, body: "a new prompt 2"), "better")
      }
      // That run was interrupted: what it bought is not bought again, and what it did not get to is still asked.
      try await world.run(mode: .failedOnly) { journal, _ in
        #expect(journal.claimed(JournalledCall(2, body: "a new prompt 2")) == "better")
        #expect(journal.claimed(JournalledCall(3)) == "none")
        #expect(journal.claimed(JournalledCall(4, body: "yet another")) == "answer 4")
        #expect(journal.claimed(JournalledCall(4, body: "yet another")) == "withheld", "it is claimed")
      }
    }
  }

  @Test func `what --failed bought anew takes the place of the item's older answers, also for the same bytes`()
    async throws
  {
    try await world { world in
      try await world.run(exitCode: 1) { journal, _ in
        for text in ["bad", "worse"] { try await journal.buy(JournalledCall(1), text) }
        journal.itemFailed(journal.item(JournalledCall(1)), ItemFailure(.rejected, message: "no"))
      }
      try await world.run(mode: .failedOnly) { journal, _ in
        #expect(journal.claimed(JournalledCall(1)) == "none")
        try await journal.buy(JournalledCall(1), "good")
      }
      for mode in [RunJournal.Mode.normal, .offline, .failedOnly] {
        try await world.run(mode: mode) { journal, _ in #expect(journal.claimed(JournalledCall(1)) == "good") }
      }
    }
  }

  @Test func `a run of a part does not make the whole run's failures forgotten`() async throws {
    try await world { world in
      try await world.run(exitCode: 1) { journal, _ in
        try await journal.buy(JournalledCall(9))
        journal.itemFailed(journal.item(JournalledCall(9)), ItemFailure(.rejected, message: "no"))
      }
      try await world.run(itemLimit: 1) { _, _ in }
      try await world.run(mode: .failedOnly) { journal, _ in #expect(journal.claimed(JournalledCall(9)) == "none") }
    }
  }

  @Test func `with dedupe one answer serves all identical requests, in the run that buys it and later`() async throws {
    try await world { world in
      let same = (1...3).map { JournalledCall($0, body: "the same") }
      try await world.run(shares: true) { journal, _ in
        #expect(journal.claimed(same[0]) == "none")
        try await journal.buy(same[0], "one")
        #expect(same.map { journal.claimed($0) } == ["one", "one", "one"])
      }
      try await world.run(shares: true) { journal, _ in
        #expect(same.map { journal.claimed($0) } == ["one", "one", "one"])
        #expect(journal.reused == 1)
      }
    }
  }

  @Test func `requests of two models with the same bytes are told apart by their scope`() async throws {
    try await world { world in
      var (first, second) = (JournalledCall(1, body: "same"), JournalledCall(2, body: "same"))
      (first.scope, second.scope) = ("a", "b")
      try await world.run { [first] journal, _ in try await journal.buy(first, "of a") }
      try await world.run { [first, second] journal, _ in
        #expect(journal.claimed(second) == "none")
        #expect(journal.claimed(first) == "of a")
      }
    }
  }

  @Test func `what is stored is what came, but for headers that may hold secrets`() async throws {
    try await world { world in
      try await world.run { journal, _ in
        var answer = Answer.stored(
          "raw \u{0} bytes",
          headers: "Date: today\r\nX-Request-ID: r1\r\nSet-Cookie: sk-secret\r\nx-ratelimit-limit-requests: 5\r\n")
        answer.attempts = 3
        answer.costUSD = 0.25
        try await journal.store(answer, to: journal.send(JournalledCall(1)))
      }
      try await world.run { journal, _ in
        guard
          case .answer(let stored) = try journal.claim(
            [journal.identity(JournalledCall(1))], for: journal.item(JournalledCall(1)))
        else {
          Issue.record("no answer")
          return
        }
        #expect(stored.body == Array("raw \u{0} bytes".utf8))
        #expect(String(decoding: stored.headers, as: UTF8.self) == "Date: today\r\nX-Request-ID: r1\r\n")
        #expect((stored.status, stored.attempts, stored.costUSD) == (200, 3, 0.25))
        #expect(stored.latency == .milliseconds(5))
      }
    }
  }
}
