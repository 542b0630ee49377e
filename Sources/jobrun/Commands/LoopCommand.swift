internal import JobrunModel
internal import JobrunReactor

extension RunOptions {
  /// Runs a command's body on the loop, with a console that has written everything when this returns.
  /// - Throws: the exit status.
  func runOnLoop(_ body: @escaping @Loop @Sendable (Console) async -> ExitStatus) throws {
    try Self.runOnLoop(noColor: telling.noColor, body)
  }

  static func runOnLoop(
    noColor: Bool, _ body: @escaping @Loop @Sendable (Console) async -> ExitStatus
  ) throws {
    ProcessLimits.set()
    let color = !noColor
    let status = Reactor.shared.runBlocking {
      let console = Console(color: color)
      let status = await body(console)
      console.close()
      return status
    }
    throw status.exit
  }
}
