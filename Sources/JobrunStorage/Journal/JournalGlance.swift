public import JobrunModel
#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// What a journal holds for a run to come, looked at without changing anything.
public struct JournalGlance: Sendable, Equatable {
  /// What the look led to.
  public enum Finding: Sendable, Equatable {
    /// There is no journal yet.
    case absent
    /// A run has it, which this names.
    case busy(holder: String)
    /// It cannot be read; in words.
    case unreadable(String)
    case found(JournalGlance)
  }

  /// All answers.
  public var answers = 0
  /// Of the requests that were asked about: how many usable answers there are to each; those without are left out.
  public var answersByRequest: [RequestIdentity: Int] = [:]
  /// Means of the last answers, at most 1,000; nil where none has that number.
  public var meanInputTokens: Double?
  public var meanOutputTokens: Double?
  /// In seconds.
  public var meanLatency: Double?

  public init() {}

  /// A request's identity, as a run computes it.
  public static func identity(of body: [UInt8], scope: String) -> RequestIdentity {
    JournalHash().identity(of: body, scope: scope)
  }

  /// Looks into the journal at `path`. Blocks for the disk: one without an index over its requests is read through once.
  public static func look(at path: String, for requests: Set<RequestIdentity>) -> Finding {
    guard access(path, F_OK) == 0 else { return .absent }
    if let holder = JournalLock.holder(of: path + ".lock") { return .busy(holder: holder) }
    do throws(ReadOnlyDatabase.Failure) {
      let database = try ReadOnlyDatabase(path: path)
      switch (try database.integer("PRAGMA application_id"), try database.integer("PRAGMA user_version")) {
      case (JournalSchema.applicationID, 1...JournalSchema.version): break
      case (JournalSchema.applicationID, _): return .unreadable("it was written by another version of jobrun")
      default: return .unreadable("it is no journal of jobrun")
      }
      return .found(try JournalGlance(database, requests))
    } catch {
      return .unreadable(error.reason)
    }
  }

  private init(_ database: ReadOnlyDatabase, _ requests: Set<RequestIdentity>) throws(ReadOnlyDatabase.Failure) {
    let last = "SELECT input_tokens, output_tokens, latency_ms FROM answer ORDER BY id DESC LIMIT 1000"
    try database.rows("SELECT avg(input_tokens), avg(output_tokens), avg(nullif(latency_ms, 0)) FROM (\(last))") {
      row in
      func mean(_ column: Int32) -> Double? { row.isNull(column) ? nil : row.number(column) }
      (meanInputTokens, meanOutputTokens) = (mean(0), mean(1))
      meanLatency = mean(2).map { $0 / 1000 }
    }
    let isIndexed = try database.integer("SELECT count(*) FROM sqlite_master WHERE name = 'answer_request'") > 0
    answers = try database.integer("SELECT count(*) FROM answer" + (isIndexed ? " INDEXED BY answer_request" : ""))
    guard answers > 0, !requests.isEmpty else { return }
    var found: [(id: Int64, request: RequestIdentity)] = []
    if isIndexed {
      for request in requests {
        try database.rows("SELECT id FROM answer WHERE request = ?", request.bytes) {
          found.append(($0.integer(0), request))
        }
      }
    } else {
      try database.rows("SELECT id, request FROM answer") { row in
        guard let request = RequestIdentity(bytes: row.bytes(1)), requests.contains(request) else { return }
        found.append((row.integer(0), request))
      }
    }
    // Whether an answer is superseded stands behind its body: it is read of those only that count.
    for (id, request) in found {
      guard try database.integer("SELECT superseded FROM answer WHERE id = \(id)") == 0 else { continue }
      answersByRequest[request, default: 0] += 1
    }
  }
}

extension RequestIdentity {
  /// Of what stands in the journal; nil where that is not 16 bytes.
  init?(bytes: [UInt8]) {
    guard bytes.count == 16 else { return nil }
    func word(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
    self.init(high: word(bytes[..<8]), low: word(bytes[8...]))
  }
}

extension JournalLock {
  /// Who has a journal now; nil where nobody has. Nothing is created.
  static func holder(of path: String) -> String? {
    guard let descriptor = try? SystemCall.open(path, O_RDONLY) else { return nil }
    defer { try? SystemCall.close(descriptor) }
    if flock(descriptor, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK { return nil }
    let holder = read(descriptor)
    return holder.isEmpty ? "another process" : holder
  }
}
