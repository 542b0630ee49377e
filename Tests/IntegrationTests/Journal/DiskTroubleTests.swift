import Foundation
import JobrunMock
import Testing

/// Disks that are full, read-only or gone, as the whole program meets them.
@Suite struct DiskTroubleTests {
  /// Whether a mount of one's own is allowed: in a user namespace, or as root.
  private static let canMount = succeeds("/usr/bin/unshare", ["-rm", "mount", "-t", "tmpfs", "none", "/mnt"])
  private static let canLimit = succeeds("/usr/bin/prlimit", ["--version"])

  private static func succeeds(_ path: String, _ arguments: [String]) -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }

  private func withTrial(items: Int, _ body: (inout CrashTrial) async throws -> Void) async throws {
    try await Program.inFolder { program in
      let answers = CountingProvider()
      try await MockServer.run(answers.behavior(latency: .fixed(.milliseconds(2)))) { server in
        var trial = try CrashTrial(
          program, server, answers, prompts: (1...items).map { "prompt \($0)" }, slots: 2)
        try await body(&trial)
      }
    }
  }

  @Test(.enabled(if: canLimit, "no prlimit"))
  func `at a limit of file sizes nothing more is sent, and with room the run goes on`() async throws {
    try await withTrial(items: 40) { trial in
      let (process, output, errors) = trial.program.process(
        ["--fsize=100000:unlimited", Program.binary.path] + trial.arguments)
      process.executableURL = URL(fileURLWithPath: "/usr/bin/prlimit")
      try process.run()
      let words = await Program.read(errors, until: "trying again for 60 s")
      #expect(words.contains("File too large"), "\(words)")
      try trial.look()
      // Each slot is held until its answer is stored.
      #expect(trial.server.requestsReceived - trial.known.count <= trial.slots)
      #expect(Self.succeeds("/usr/bin/prlimit", ["--fsize=unlimited", "--pid", "\(process.processIdentifier)"]))
      let result = await Program.result(of: process, output, errors)
      #expect(result.status == 0, "\(words)\(result.errors)")
      #expect(result.errors.contains("the journal is written again"))
      #expect(trial.answers.total == 40)
      try await trial.checkEnd()
    }
  }

  /// A run on a small disk of its own. The shell runs `makeRoom` meanwhile; the files are copied, since the mount goes
  /// with the shell.
  private func runOnSmallDisk(
    _ trial: CrashTrial, kibibytes: Int, free: Int, makeRoom: String
  ) -> (Process, output: Pipe, errors: Pipe, input: Pipe) {
    let script = """
      mkdir disk && mount -t tmpfs -o size=\(kibibytes)k none disk && cp job.lua in.txt disk/ && cd disk || exit 99
      head -c \((kibibytes - free) * 1024) /dev/zero > ballast
      "$0" "$@" < /dev/null & \(makeRoom); rm ballast; wait $!; status=$?
      cp out.* ..; exit $status
      """
    let (process, output, errors) = trial.program.process(
      ["-rm", "/bin/sh", "-c", script, Program.binary.path] + trial.arguments)
    process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
    let input = Pipe()
    process.standardInput = input
    return (process, output, errors, input)
  }

  @Test(.enabled(if: canMount, "no mounts allowed"))
  func `on a full disk nothing more is sent, and with room the run goes on`() async throws {
    try await withTrial(items: 40) { trial in
      let (process, output, errors, input) = runOnSmallDisk(trial, kibibytes: 2048, free: 160, makeRoom: "read line")
      try process.run()
      let words = await Program.read(errors, until: "trying again for 60 s")
      #expect(words.contains("database or disk is full"), "\(words)")
      #expect(trial.server.requestsReceived < 40)
      input.fileHandleForWriting.write(Data("\n".utf8))
      let result = await Program.result(of: process, output, errors)
      #expect(result.status == 0, "\(words)\(result.errors)")
      #expect(result.errors.contains("the journal is written again"))
      #expect(trial.answers.total == 40)
      try await trial.checkEnd()
    }
  }

  @Test(.enabled(if: canMount, "no mounts allowed"))
  func `where the rows fill the disk, too, the run waits for room`() async throws {
    try await withTrial(items: 40) { trial in
      let job = try trial.program.read("job.lua")
      // Each row is handed to the disk at once.
      try trial.program.write(
        "job.lua", job.replacing("text = reply.text }", with: "text = reply.text, pad = string.rep('x', 140000) }"))
      let (process, output, errors, _) = runOnSmallDisk(
        trial, kibibytes: 10_000, free: 1_000,
        makeRoom: "while head -c 4096 /dev/zero > probe 2> /dev/null; do :; done; rm probe")
      try process.run()
      let result = await Program.result(of: process, output, errors)
      #expect(result.status == 0, "\(result.errors)")
      #expect(trial.answers.total == 40)
      try await trial.checkEnd()
    }
  }

  @Test(.enabled(if: canMount, "no mounts allowed"))
  func `in a folder that cannot be written nothing is sent, and the status is 73`() async throws {
    try await withTrial(items: 6) { trial in
      let script = """
        mkdir disk && cp job.lua in.txt disk/ && mount --bind disk disk && mount -o remount,ro,bind disk && cd disk || exit 99
        exec "$0" "$@"
        """
      let (process, output, errors) = trial.program.process(
        ["-rm", "/bin/sh", "-c", script, Program.binary.path] + trial.arguments)
      process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
      try process.run()
      let result = await Program.result(of: process, output, errors)
      #expect(result.status == 73, "\(result.errors)")
      #expect(result.errors.contains("Read-only file system"), "\(result.errors)")
      #expect(trial.server.requestsReceived == 0)
    }
  }
}
