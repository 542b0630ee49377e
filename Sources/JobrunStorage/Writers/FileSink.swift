public import JobrunModel

/// Writes rows into a file, in its format, and failed items beside it as JSON lines.
///
/// The rows go to `<output>.part`, which is renamed to the output by `finish`: until then an earlier output stays as it
/// was. The failed items go to `<stem>.failed.jsonl` in the same way. To standard output, a device or a named pipe the
/// rows are written as they are, and failed items are only counted. Skipped and unfinished items write nothing.
///
/// Writing happens on a queue of its own. An error of the disk is thrown by the next `put`, `waitForRoom` or `finish`.
@Loop
public final class FileSink: OutcomeSink {
  /// How much may be held and buffered.
  struct Limits {
    /// Rows that wait for an earlier item.
    var heldRows = 4096
    var heldBytes = 32 << 20
    /// Bytes that the disk is behind.
    var unwrittenBytes = 8 << 20
    /// What is handed to the disk at once.
    var chunk = 128 << 10
  }

  /// What an outcome leaves to be written.
  private enum Lines {
    case rows([[UInt8]], of: ItemID)
    case failure([UInt8])
    /// A failed item that has a row all the same.
    case failureWithRow([UInt8], row: [UInt8], of: ItemID)
    case none
  }

  /// Where the rows go: a path, or `-`.
  public let outputPath: String
  /// Where the failed items go; nil where they are only counted. Without failures there is no such file.
  public let failedPath: String?
  /// Rows written, those on their way to the disk among them.
  public private(set) var rowsWritten = 0
  /// Failed items taken.
  public private(set) var failures = 0

  /// Gives the row that a failed item has beside its line among the failed ones; nil: none.
  public var rowOfFailure: (@Loop (ItemOutcome) -> [UInt8]?)?

  private let order: OutputOrder
  private let limits: Limits
  private let notify: @Loop (String) -> Void
  private let writer = WriteQueue()
  private let rowFile: OutputFile
  private let failureFile: OutputFile?
  private var format: RowFormat
  private var rowBuffer: [UInt8]
  private var failureBuffer: [UInt8] = []
  private var seen = IndexLedger()
  private var window: OutputWindow<Lines>
  private var waiters = 0
  private var isFinished = false

  /// Creates the output's folder and `<output>.part`.
  ///
  /// - Parameters:
  ///   - window: The rows that may wait for an earlier item, with `order` `.input`.
  ///   - notify: Tells the user what a row has that the format cannot hold.
  /// - Throws: `.cannotCreateOutput`.
  public convenience init(
    output: OutputSpec, order: OutputOrder, window: Int = 4096, notify: @escaping @Loop (String) -> Void = { _ in }
  ) throws(RunError) {
    let rowFile: OutputFile
    var failedPath: String?
    switch OutputTarget(path: output.path) {
    case .standardOutput: rowFile = OutputFile(descriptor: 1, name: "standard output")
    case .device(let path): rowFile = try OutputFile(device: path)
    case .file(let path):
      rowFile = OutputFile(replacing: path)
      failedPath = OutputTarget.failedPath(besides: path)
    }
    if let failedPath, OutputTarget.isFolder(failedPath) {
      throw RunError(.cannotCreateOutput, "cannot create \(failedPath): a folder has this name")
    }
    try rowFile.open()
    var limits = Limits()
    limits.heldRows = window
    self.init(
      path: output.path, format: RowFormat(output), rowFile: rowFile, failedPath: failedPath, order: order,
      limits: limits, notify: notify)
  }

  init(
    path: String, format: RowFormat = .jsonLines, rowFile: OutputFile, failedPath: String? = nil, order: OutputOrder,
    limits: Limits = Limits(), notify: @escaping @Loop (String) -> Void = { _ in }
  ) {
    outputPath = path
    self.format = format
    rowBuffer = format.header
    self.notify = notify
    self.rowFile = rowFile
    self.failedPath = failedPath
    failureFile = failedPath.map(OutputFile.init(replacing:))
    self.order = order
    self.limits = limits
    window = OutputWindow(rowLimit: limits.heldRows, byteLimit: limits.heldBytes)
  }

  /// False also after an error of the disk; `waitForRoom` throws it then.
  public var hasRoom: Bool {
    window.hasRoom && writer.unwrittenBytes <= limits.unwrittenBytes && !writer.hasFailed
  }

  /// Suspends until `hasRoom`; in a cancelled task it returns at once.
  public func waitForRoom() async throws(RunError) {
    waiters += 1
    defer { waiters -= 1 }
    while true {
      let generation = writer.generation
      try writer.throwIfFailed()
      if hasRoom || Task.isCancelled { return }
      await writer.wait(since: generation)
    }
  }

  public func put(_ outcome: ItemOutcome) throws(RunError) {
    try writer.throwIfFailed()
    let index = outcome.record.index
    guard !isFinished else { throw RunError(.internal, "item \(index) ended behind the end of the output") }
    guard index >= 1, seen.insert(index) else {
      throw RunError(.internal, "the outcome of item \(index) came twice, or its index is below 1")
    }
    let lines = lines(of: outcome)
    if order == .completion || window.pass(index) {
      write(lines)
      while let next = window.next() { write(next) }
    } else {
      let (rows, bytes) = Self.size(of: lines)
      window.insert(lines, at: index, rows: rows, bytes: bytes)
    }
    if waiters > 0 && hasRoom { writer.signal() }
  }

  /// Hands what is buffered to the disk; called about every second it lets others follow a slow run's output.
  public func flush() {
    handOver(&rowBuffer, to: rowFile)
    if let failureFile { handOver(&failureBuffer, to: failureFile) }
  }

  public func finish() async throws(RunError) {
    guard !isFinished else { throw RunError(.internal, "the output was finished twice") }
    handOverAll()
    let (rowFile, failureFile, hasFailures) = (rowFile, failureFile, failures > 0)
    try await writer.finish { () throws(RunError) in
      try rowFile.close()
      try failureFile?.close()
      if hasFailures { try failureFile?.putInPlace() } else { try failureFile?.removeOld() }
      try rowFile.putInPlace()
    }
  }

  public func giveUp() {
    rowFile.giveUp()
    failureFile?.giveUp()
  }

  public func abandon() async {
    if isFinished { return }
    handOverAll()
    let (rowFile, failureFile) = (rowFile, failureFile)
    giveUp()
    // Whoever abandons the output knows of a worse error.
    try? await writer.finish { () throws(RunError) in
      try rowFile.close()
      try failureFile?.close()
    }
  }

  /// Hands over all that is held: what stands behind an item that never came is paid for all the same.
  private func handOverAll() {
    isFinished = true
    for lines in window.removeAll() { write(lines) }
    flush()
  }

  private func lines(of outcome: ItemOutcome) -> Lines {
    switch outcome.result {
    case .ok(let rows): return rows.isEmpty ? .none : .rows(rows, of: outcome.id)
    case .failed(let failure):
      failures += 1
      let row = rowOfFailure?(outcome)
      if failureFile == nil { return row.map { .rows([$0], of: outcome.id) } ?? .none }
      let line = FailureLine.encode(id: outcome.id, record: outcome.record, failure: failure)
      if let row { return .failureWithRow(line, row: row, of: outcome.id) }
      return .failure(line)
    case .skipped, .unfinished: return .none
    }
  }

  private static func size(of lines: Lines) -> (rows: Int, bytes: Int) {
    switch lines {
    case .rows(let rows, _): (rows.count, rows.reduce(0) { $0 + $1.count })
    case .failure(let line): (1, line.count)
    case .failureWithRow(let line, let row, _): (1, line.count + row.count)
    case .none: (0, 0)
    }
  }

  private func write(_ lines: Lines) {
    switch lines {
    case .rows(let rows, let item):
      rowsWritten += rows.count
      for row in rows {
        if let warning = format.append(row, of: item, to: &rowBuffer) { notify(warning) }
        if rowBuffer.count >= limits.chunk { handOver(&rowBuffer, to: rowFile) }
      }
    case .failure(let line):
      failureBuffer.append(contentsOf: line)
      failureBuffer.append(0x0A)
      if failureBuffer.count >= limits.chunk, let failureFile { handOver(&failureBuffer, to: failureFile) }
    case .failureWithRow(let line, let row, let item):
      write(.rows([row], of: item))
      write(.failure(line))
    case .none: break
    }
  }

  private func handOver(_ buffer: inout [UInt8], to file: OutputFile) {
    if buffer.isEmpty { return }
    let bytes = buffer
    buffer = []
    buffer.reserveCapacity(min(limits.chunk, bytes.count * 2))
    writer.write(bytes, to: file)
  }
}
