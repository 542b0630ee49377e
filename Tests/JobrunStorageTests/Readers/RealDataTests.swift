import Foundation
import JobrunModel
import Testing

@testable import JobrunStorage

@Suite("Real data")
struct RealDataTests {
  /// The folder of sample data beside the repository.
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("../shared/data").path

  static let isPresent = FileManager.default.fileExists(atPath: folder)

  @Test(
    "Every record of the sample files is read",
    .enabled(if: isPresent, "there is no sample data beside the repository"),
    arguments: [
      ("nsmc-reviews.csv", 5000, 5007), ("flores-en.txt", 2835, 2835), ("gsm8k-test.jsonl", 1319, 1319),
    ])
  func sample(name: String, count: Int, lastLine: Int) throws {
    let rows = try InputOpener.rows(for: InputSpec(path: Self.folder + "/" + name))
    var records: [ItemRecord] = []
    while let record = try rows.next() { records.append(record) }
    #expect(records.count == count)
    #expect(records.map(\.index) == Array(1...count))
    #expect(try #require(records.last).line <= lastLine)
    for record in records {
      switch record.content {
      case .malformed(let reason, _): Issue.record("\(reason)")
      case .columns(let columns, _):
        #expect(columns.names == ["review_id", "movie_id", "date", "rating", "review"])
      case .json(let json): #expect(JSONScanner.isValid(json))
      default: break
      }
    }
  }
}
