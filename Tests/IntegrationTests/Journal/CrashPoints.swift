import Foundation
import Testing

/// Numbers the calls with which a run changes its journal and output, and makes one of them kill it or fail. A library
/// that is preloaded does it: `scripts/crashes/crash_points.c` says how, and why strace cannot.
struct CrashPoints {
  enum Effect: Sendable, CustomTestStringConvertible {
    /// Before the call.
    case kill
    /// After half of a write, or after the call.
    case tear
    /// The call fails with this `errno`.
    case error(Int32)

    var testDescription: String {
      switch self {
      case .kill: "SIGKILL"
      case .tear: "SIGKILL in or behind it"
      case .error(let number): String(cString: strerror(number))
      }
    }

    fileprivate var text: String {
      switch self {
      case .kill: "kill"
      case .tear: "torn"
      case .error(let number): "\(number)"
      }
    }
  }

  /// Built when it is first wanted; nil where there is no C compiler.
  static let library: String? = {
    let target = FileManager.default.temporaryDirectory.appendingPathComponent("jobrun-crash-points-\(getpid()).so")
      .path
    let source = Program.root.appendingPathComponent("scripts/crashes/crash_points.c").path
    for compiler in ["cc", "clang"] {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = [compiler, "-O1", "-shared", "-fPIC", "-o", target, source]
      process.standardError = FileHandle.nullDevice
      guard (try? process.run()) != nil else { continue }
      process.waitUntilExit()
      if process.terminationStatus == 0 { return target }
    }
    return nil
  }()

  /// What a run did whose call was changed.
  struct Ending {
    var result: Program.Result
    var wasKilled: Bool
    /// The call and its file; nil where the run made fewer calls.
    var call: String?
  }

  /// Runs a job with the call of this number changed.
  static func run(_ trial: CrashTrial, call number: Int, _ effect: Effect) async throws -> Ending {
    let folder = trial.program.folder.resolvingSymlinksInPath().path
    try? FileManager.default.removeItem(atPath: folder + "/calls")
    let (process, output, errors) = trial.program.process(
      trial.arguments,
      environment: [
        "LD_PRELOAD": library ?? "", "CRASH_PATHS": folder + "/out.", "CRASH_LOG": folder + "/calls",
        "CRASH_AT": "\(number)", "CRASH_HOW": effect.text,
      ])
    try process.run()
    let result = await Program.result(of: process, output, errors)
    // Each line begins with the call's number.
    let calls = try trial.program.lines("calls").map { $0.drop { $0 != " " }.dropFirst() }
    return Ending(
      result: result, wasKilled: process.terminationReason == .uncaughtSignal,
      call: number <= calls.count ? String(calls[number - 1]).replacing(folder, with: "") : nil)
  }
}
