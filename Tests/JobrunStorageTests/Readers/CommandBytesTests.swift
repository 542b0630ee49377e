import Foundation
import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunStorage

@Suite("The output of a command")
struct CommandBytesTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func spec(_ words: [String], format: InputSpec.Format? = .text) -> InputSpec {
    InputSpec(path: "", origin: .command(words, folder: folder.path), format: format)
  }

  private func records(_ words: [String], format: InputSpec.Format? = .text) throws -> [String] {
    let rows = try InputOpener.rows(for: spec(words, format: format))
    var records: [String] = []
    while let record = try rows.next() { records.append(describe(record)) }
    return records
  }

  @Test("is read in its format, JSON lines where none is given; it runs in the folder, without a shell")
  func output() throws {
    try folder.write("a\nb\n", to: "x.txt")
    #expect(try records(["cat", "x.txt"]) == ["1@1 a", "2@2 b"])
    #expect(try records(["cat", "x.txt"], format: .csv) == ["1@2 a=b"])
    #expect(try records(["echo", "{}"], format: nil) == ["1@1 {}"])
    #expect(try records(["echo", "$HOME; *"]) == ["1@1 $HOME; *"])
    #expect(try records(["cat"]) == [], "its standard input is empty")
  }

  @Test("may be long")
  func long() throws {
    #expect(try records(["seq", "300000"]).last == "300000@300000 300000")
  }

  @Test(
    "that ends badly is an error behind the last row",
    arguments: [
      (["sh", "-c", "echo a; exit 3"], "`sh -c echo a; exit 3` ended with status 3"),
      (["sh", "-c", "echo a; kill -9 $$"], "`sh -c echo a; kill -9 $$` was ended by signal 9"),
    ])
  func status(words: [String], message: String) throws {
    let rows = try InputOpener.rows(for: spec(words))
    #expect(try rows.next().map(describe) == "1@1 a")
    let error = #expect(throws: RunError.self) { try rows.next() }
    #expect(error?.code == .badInput)
    #expect(error?.message == message)
  }

  @Test("that cannot be started is no input", arguments: ["nosuchprogram", "./x.txt"])
  func missing(program: String) throws {
    try folder.write("", to: "x.txt")
    let error = #expect(throws: RunError.self) { try records([program]) }
    #expect(error?.code == .noInput)
    #expect(error?.message.hasPrefix("cannot start `\(program)`: ") == true)
  }

  /// A command that says its number and goes on for ever, with a process of its own.
  private static let endless = ["sh", "-c", "echo $$; sleep 1000 & sleep 1000"]

  @Test("ends with whoever reads it, and what it started with it")
  func left() throws {
    var pid: pid_t = 0
    do {
      let rows = try InputOpener.rows(for: spec(Self.endless))
      pid = try #require(try rows.next().map { pid_t(describe($0).split(separator: " ")[1]) ?? 0 })
      #expect(kill(pid, 0) == 0)
    }
    waitUntilGone(pid)
  }

  @Test("ends at the limit, and when the run stops while it waits for it", arguments: [1, nil])
  func stopped(limit: Int?) async throws {
    let spec = spec(Self.endless)
    let pid = try await onLoop {
      let source = try InputOpener.source(for: spec, limit: limit)
      let first = try #require(try await source.next())
      if limit == nil {
        await withTaskGroup { group in
          group.addImmediateTask { @Loop in
            let second = try? await source.next()
            #expect(second.map(describe) == nil)
          }
          source.stop()
        }
      }
      #expect(try await source.next().map(describe) == nil)
      return pid_t(describe(first).split(separator: " ")[1]) ?? 0
    }
    waitUntilGone(pid)
  }

  /// No process of the group is left, the first one is no zombie.
  private func waitUntilGone(_ pid: pid_t) {
    #expect(pid > 1)
    while kill(-pid, 0) == 0 || errno != ESRCH { sched_yield() }
  }
}
