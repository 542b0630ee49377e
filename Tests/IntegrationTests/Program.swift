import Foundation

/// The built binary, run as a user runs it, in a folder of its own.
struct Program {
  struct Result {
    var status: Int32
    var output: String
    var errors: String
  }

  /// The binary beside the test bundle, whichever build this is.
  static let binary: URL = {
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
    return URL(fileURLWithPath: bundle).resolvingSymlinksInPath().deletingLastPathComponent()
      .appendingPathComponent("jobrun")
  }()

  /// The repository.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Real inputs beside the repository, where there are some; tests that read them are skipped elsewhere.
  static let data = root.deletingLastPathComponent().appendingPathComponent("shared/data")

  static func hasData(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: data.appendingPathComponent(name).path)
  }

  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("jobrun-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }

  /// Runs a test's body with a folder that is gone afterwards.
  static func inFolder(_ body: (Program) async throws -> Void) async throws {
    let program = try Program()
    defer { program.remove() }
    try await body(program)
  }

  @discardableResult
  func write(_ name: String, _ contents: String) throws -> String {
    let url = folder.appendingPathComponent(name)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(contents.utf8).write(to: url)
    return url.path
  }

  func read(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: folder.appendingPathComponent(name)), as: UTF8.self)
  }

  func lines(_ name: String) throws -> [String] { try read(name).split(separator: "\n").map(String.init) }

  func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: folder.appendingPathComponent(name).path)
  }

  var files: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }
  }

  /// A process that runs in the folder, with no variables but these.
  ///
  /// - Parameter preparation: What a shell does before it becomes the program.
  func process(
    _ arguments: [String], environment: [String: String] = [:], after preparation: String? = nil
  ) -> (Process, Pipe, Pipe) {
    let process = Process()
    process.executableURL = preparation == nil ? Self.binary : URL(fileURLWithPath: "/bin/sh")
    process.arguments =
      preparation.map { ["-c", "\($0); exec \"$0\" \"$@\"", Self.binary.path] + arguments } ?? arguments
    process.currentDirectoryURL = folder
    process.environment = ["HOME": folder.path, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"]
      .merging(sanitizerOptions) { $1 }.merging(environment) { $1 }
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    process.standardInput = FileHandle.nullDevice
    return (process, output, errors)
  }

  /// Starts a process with no signal blocked, as a shell does. It would inherit what this thread blocks, and the threads
  /// of the pool block everything.
  static func start(_ process: Process) throws {
    var (all, before) = (sigset_t(), sigset_t())
    sigfillset(&all)
    pthread_sigmask(SIG_UNBLOCK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try process.run()
  }

  private var sanitizerOptions: [String: String] {
    ProcessInfo.processInfo.environment.filter { $0.key.hasSuffix("SAN_OPTIONS") }
  }

  /// Runs the program to its end.
  func run(_ arguments: String..., environment: [String: String] = [:], input: String? = nil) async throws -> Result {
    try await run(arguments, environment: environment, input: input)
  }

  func run(_ arguments: [String], environment: [String: String] = [:], input: String? = nil) async throws -> Result {
    let (process, output, errors) = process(arguments, environment: environment)
    var stdin: Pipe?
    if input != nil {
      stdin = Pipe()
      process.standardInput = stdin
    }
    try process.run()
    if let input, let stdin {
      stdin.fileHandleForWriting.write(Data(input.utf8))
      try stdin.fileHandleForWriting.close()
    }
    return await Self.result(of: process, output, errors)
  }

  /// Waits for a started process and collects what it wrote.
  static func result(of process: Process, _ output: Pipe, _ errors: Pipe) async -> Result {
    async let text = readAll(output)
    async let errorText = readAll(errors)
    let (collected, errorsCollected) = await (text, errorText)
    await offPool { process.waitUntilExit() }
    return Result(status: process.terminationStatus, output: collected, errors: errorsCollected)
  }

  /// Reads until `text` has come, and returns all that came.
  static func read(_ pipe: Pipe, until text: String) async -> String {
    await offPool {
      var data = Data()
      while !String(decoding: data, as: UTF8.self).contains(text) {
        let next = pipe.fileHandleForReading.availableData
        if next.isEmpty { break }
        data += next
      }
      return String(decoding: data, as: UTF8.self)
    }
  }

  static func readAll(_ pipe: Pipe) async -> String {
    await offPool { String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self) }
  }

  /// Runs what blocks on a thread of its own: the pool has no more threads than the machine has cores.
  static func offPool<T: Sendable>(_ body: @escaping @Sendable () -> T) async -> T {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: body()) }
    }
  }
}
