import Foundation
import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunStorage

/// The journal's files cut short, and with single bits turned over. `JOBRUN_CUT_STEP=1` leaves no byte out.
@Suite struct PowerCutTests {
  private static let page = 4096
  private static let step = Int(ProcessInfo.processInfo.environment["JOBRUN_CUT_STEP"] ?? "") ?? 97

  /// Positions from `start` to `end`, sampled, but with both sides of every boundary of a page or frame.
  private static func positions(_ start: Int, _ end: Int, boundaries: [Int]) -> [Int] {
    let near = boundaries.flatMap { $0 - 1...$0 + 1 }
    return Set(Array(stride(from: start, to: end, by: step)) + near).filter { (start..<end).contains($0) }.sorted()
  }

  @Test func `a log that was cut at any byte keeps every commit before the cut`() async throws {
    try await onLoop {
      let journal = try await CutJournal(commits: 9)
      let frames = stride(from: 32, through: journal.running.log.count, by: 24 + Self.page)
      let start = journal.committed[journal.committed.count - 4].bytes
      for length in Self.positions(
        start, journal.running.log.count, boundaries: frames.flatMap { [$0, $0 + 24] })
      {
        var files = journal.running
        files.log = Array(files.log[..<length])
        let whole = journal.committed.last { $0.bytes <= length }?.answers ?? 0
        switch try journal.open(files) {
        case .found(let numbers): #expect(numbers == Array(1...whole), "cut at \(length)")
        case .refused(let error): Issue.record("cut at \(length): \(error)")
        case .wrong(let number, let answer): Issue.record("cut at \(length): \(number) \(answer)")
        }
      }
    }
  }

  @Test func `a bit that was turned over in the log's last records ends the log before its commit`() async throws {
    try await onLoop {
      let journal = try await CutJournal(commits: 9)
      let start = journal.committed[journal.committed.count - 4].bytes
      for position in Self.positions(start, journal.running.log.count, boundaries: journal.committed.map(\.bytes)) {
        var files = journal.running
        files.log[position] ^= 1 << UInt8(position % 8)
        let whole = journal.committed.last { $0.bytes <= position }?.answers ?? 0
        switch try journal.open(files) {
        // What is behind the journal's last commit, and is not used, may well be whole.
        case .found(let numbers): #expect(numbers == Array(1...whole), "bit at \(position)")
        case .refused(let error): Issue.record("bit at \(position): \(error)")
        case .wrong(let number, let answer): Issue.record("bit at \(position): \(number) \(answer)")
        }
      }
    }
  }

  @Test func `a journal that lost its end is refused, or every answer in it is right`() async throws {
    try await onLoop {
      let journal = try await CutJournal(commits: 9)
      let whole = journal.ended.main.count
      let pages = stride(from: 0, to: whole, by: Self.page)
      for length in Self.positions(whole - 2 * Self.page, whole, boundaries: Array(pages)) {
        var files = journal.ended
        files.main = Array(files.main[..<length])
        try Self.expectNothingWrong(journal, files, "cut at \(length) of \(whole)")
      }
    }
  }

  @Test func `a bit that was turned over anywhere in the journal never makes a wrong answer`() async throws {
    try await onLoop {
      let journal = try await CutJournal(commits: 9)
      let whole = journal.ended.main.count
      for position in Self.positions(0, whole, boundaries: Array(stride(from: 0, to: whole, by: Self.page))) {
        for bit in [position % 8, (position + 5) % 8] { try Self.turnOver(bit, of: position, in: journal) }
      }
    }
  }

  @Test func `a bit that was turned over in the index never leads to another request's answer`() async throws {
    try await onLoop {
      let journal = try await CutJournal(commits: 9)
      // A leaf of an index begins with 10; its cells are at its end.
      let leaf = try #require(
        Array(stride(from: 0, to: journal.ended.main.count, by: Self.page)).last { journal.ended.main[$0] == 10 })
      let cells = leaf + Self.page - journal.count * 22..<leaf + Self.page
      for position in cells { for bit in 0..<3 { try Self.turnOver(bit, of: position, in: journal) } }
    }
  }

  @Loop
  private static func turnOver(_ bit: Int, of position: Int, in journal: CutJournal) throws {
    var files = journal.ended
    files.main[position] ^= 1 << UInt8(bit)
    try expectNothingWrong(journal, files, "bit \(bit) of \(position)")
  }

  @Loop
  private static func expectNothingWrong(_ journal: CutJournal, _ files: CutJournal.Files, _ what: String) throws {
    switch try journal.open(files) {
    case .found: break
    case .refused(let error): #expect(error.code == .inputOutput && error.message.contains("cut.journal"), "\(what)")
    case .wrong(let number, let answer): Issue.record("\(what): item \(number) got \(answer)")
    }
  }
}
