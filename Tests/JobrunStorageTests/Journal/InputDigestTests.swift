import GRDB
import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunStorage

@Suite("The digest of an input")
struct InputDigestTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func digest(_ origin: InputOrigin, path: String = "", format: InputSpec.Format? = nil) async throws
    -> InputDigest?
  {
    let spec = InputSpec(path: path, origin: origin, format: format)
    return try await onLoop { await InputDigest.compute(spec) }
  }

  @Test("counts the lines of what has a line an item, and of nothing else")
  func lines() async throws {
    try folder.write("a,b\n1,2\n3,4", to: "x.csv")
    try folder.write("a\n\nb", to: "x.txt")
    try folder.write("[\n{}\n]", to: "x.json")
    try folder.write("a\nb\n", to: "x.txt.gz")
    #expect(try await digest(.file, path: folder("x.csv"))?.lines == 2)
    #expect(try await digest(.file, path: folder("x.txt"))?.lines == 3)
    #expect(try await digest(.file, path: folder("x.txt"), format: .json)?.lines == nil)
    #expect(try await digest(.file, path: folder("x.json"))?.lines == nil)
    #expect(try await digest(.file, path: folder("x.txt.gz"))?.lines == nil)
    #expect(try await digest(.count(7))?.lines == 7)
  }

  @Test("of a pattern changes with names and contents of the files that fit")
  func glob() async throws {
    let origin = InputOrigin.glob(pattern: "*.txt", folder: folder.path)
    try folder.write("a", to: "1.txt")
    try folder.write("b", to: "2.txt")
    let first = try await digest(origin)
    #expect(first?.lines == 2)
    #expect(InputDigest.size(of: InputSpec(path: "", origin: origin)) == 2)
    try folder.write("other", to: "3.md")
    #expect(try await digest(origin)?.sha256 == first?.sha256)
    try folder.write("B", to: "2.txt")
    let second = try await digest(origin)
    #expect(second?.sha256 != first?.sha256)
    try folder.write("", to: "3.txt")
    #expect(try await digest(origin)?.sha256 != second?.sha256)
  }

  @Test("of an SQLite file changes with the query and with what stands in its log only")
  func sqlite() async throws {
    let pool = try DatabasePool(path: folder("x.db"))
    try await pool.write { try $0.execute(sql: "CREATE TABLE t (a)") }
    let first = try await digest(.sqlite(sql: "SELECT a FROM t"), path: folder("x.db"))
    #expect(first?.lines == nil)
    #expect(try await digest(.sqlite(sql: "SELECT a FROM t"), path: folder("x.db"))?.sha256 == first?.sha256)
    #expect(try await digest(.sqlite(sql: "SELECT 1"), path: folder("x.db"))?.sha256 != first?.sha256)
    try await pool.write { try $0.execute(sql: "INSERT INTO t VALUES (1)") }
    #expect(try await digest(.sqlite(sql: "SELECT a FROM t"), path: folder("x.db"))?.sha256 != first?.sha256)
  }

  @Test("is not there where the items may be others each time")
  func streams() async throws {
    for origin in [InputOrigin.function, .command(["true"], folder: "/")] {
      #expect(try await digest(origin)?.sha256 == nil)
      #expect(InputDigest.size(of: InputSpec(path: "", origin: origin)) == nil)
    }
  }
}
