internal import JobrunModel

/// The standard output of a process, which is started at the first read. Its end is checked: a status other than 0, or a
/// signal, is an error behind its last byte.
final class CommandBytes: InputBytes {
  let name: String
  let byteCount: Int? = nil
  private(set) var bytesConsumed = 0
  private let child: ChildProcess
  private var isBegun = false

  /// - Parameter words: The program, looked for in `PATH` or, with a `/` in it, in `folder`; and its arguments.
  init(_ words: [String], name: String, folder: String) {
    self.name = name
    child = ChildProcess(words, folder: folder)
  }

  // Nobody reads on.
  deinit { child.end() }

  var interruption: (@Sendable () -> Void)? { { [child] in child.end() } }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(RunError) -> Int {
    if !isBegun {
      isBegun = true
      do throws(SystemError) {
        try child.start()
      } catch {
        throw RunError(
          .noInput, "cannot start \(name): \(error.text)", hint: "`cmd` has a program and its arguments, and no shell")
      }
    }
    let count: Int
    do throws(SystemError) {
      count = try child.read(into: buffer)
    } catch {
      throw RunError(.inputOutput, "cannot read from \(name): \(error.text)", cause: error.text)
    }
    bytesConsumed += count
    if count > 0 { return count }
    switch child.waitForEnd() {
    case .exit(0), .wanted: return 0
    case .exit(let status):
      throw RunError(.badInput, "\(name) ended with status \(status)", hint: Self.hint)
    case .signal(let number): throw RunError(.badInput, "\(name) was ended by signal \(number)", hint: Self.hint)
    }
  }

  func close() { child.end() }

  private static let hint = "answers to the items it gave are in the journal: the same command goes on"
}
