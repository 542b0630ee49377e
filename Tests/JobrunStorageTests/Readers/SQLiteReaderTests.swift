import GRDB
import JobrunModel
import Testing

@testable import JobrunStorage

@Suite("The rows of an SQLite file")
struct SQLiteReaderTests {
  private let folder: TemporaryFolder
  private let queue: DatabaseQueue

  init() throws {
    folder = try TemporaryFolder()
    queue = try DatabaseQueue(path: folder("x.db"))
    try queue.write { database in
      try database.execute(
        sql: "CREATE TABLE t (a, b, c); INSERT INTO t VALUES (9007199254740993, 1.0, 'é\"'), (NULL, -0.5, '')")
    }
  }

  private func rows(_ sql: String) throws -> [String] {
    let reader = try SQLiteReader(path: folder("x.db"), sql: sql)
    var records: [String] = []
    while let batch = try reader.nextBatch() { records += batch.records.map(describe) }
    return records
  }

  @Test("keep integers, reals, texts and null apart")
  func types() throws {
    #expect(
      try rows("SELECT * FROM t;  -- all\n;") == [
        #"1@1 {"a":9007199254740993,"b":1.0,"c":"é\""}"#, #"2@2 {"a":null,"b":-0.5,"c":""}"#,
      ])
  }

  @Test("come in batches, however many there are")
  func many() throws {
    let read = try rows(
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) SELECT i, i * 2 AS double FROM n")
    #expect(read.count == 5000)
    #expect(read.last == #"5000@5000 {"i":5000,"double":10000}"#)
  }

  @Test(
    "that JSON cannot hold fail alone, with the column's name",
    arguments: [
      ("x'00'", "is a blob, which JSON cannot hold; select hex(…) or cast(… as text) instead"),
      ("9e999", "is infinite"), ("CAST(x'FF' AS TEXT)", "is a text that is not UTF-8"),
    ])
  func unfit(value: String, problem: String) throws {
    #expect(
      try rows("SELECT 1 AS n, \(value) AS v UNION ALL SELECT 2, 3") == [
        #"1@1 ! row 1: the column "v" \#(problem) <{"n":1,"v":null}>"#, #"2@2 {"n":2,"v":3}"#,
      ])
  }

  @Test(
    "come of one SELECT and of nothing that writes",
    arguments: [
      ("DELETE FROM t RETURNING a", "this is no SELECT"), ("BEGIN", "this is no SELECT"), ("", "there is no statement"),
      ("CREATE TABLE u (a)", "this is no SELECT"),
      ("SELECT 1; DELETE FROM t", "there is something behind the first statement"),
      ("SELECT 1; nonsense", "there is something behind the first statement"),
      ("SELECT a, b AS a FROM t", "two columns are named \"a\""),
      ("SELECT d FROM t", "no such column: d ("), ("SELEC 1", "near \"SELEC\": syntax error ("),
    ])
  func refused(sql: String, problem: String) throws {
    let error = #expect(throws: RunError.self) { try rows(sql) }
    #expect(error?.code == .badInput)
    #expect(error?.message.hasPrefix("job.input.sql: \(problem)") == true, "\(error?.message ?? "")")
    #expect(try queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM t") } == 2)
  }

  @Test("that cannot be computed end the input with an error")
  func computed() throws {
    let error = #expect(throws: RunError.self) {
      try rows("SELECT abs(v) FROM (SELECT 1 AS v UNION ALL SELECT -9223372036854775807 - 1)")
    }
    #expect(error?.code == .badInput)
    #expect(error?.message == "\(folder("x.db")): row 2 of the query: integer overflow")
  }

  @Test("need a file that is there and is a database")
  func files() throws {
    let missing = #expect(throws: RunError.self) { try SQLiteReader(path: folder("none.db"), sql: "SELECT 1") }
    #expect(missing?.code == .noInput)
    try folder.write(String(repeating: "no database ", count: 1000), to: "text.db")
    let text = #expect(throws: RunError.self) { try SQLiteReader(path: folder("text.db"), sql: "SELECT * FROM t") }
    #expect(text?.code == .badInput)
    #expect(text?.message.contains("file is not a database") == true)
    #expect(folder.names.contains("none.db") == false)
  }
}
