import Foundation
import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunStorage

@Suite("The sink on a bad or slow disk")
struct SinkDiskTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    // As the program does: a broken pipe is an error of write(2), not the end.
    signal(SIGPIPE, SIG_IGN)
  }

  @Test("A full disk is told by finish, naming the file")
  func fullDisk() async throws {
    try await onLoop {
      let sink = try FileSink(output: OutputSpec(path: "/dev/full"), order: .input)
      #expect(sink.failedPath == nil)
      try sink.put(ok(1, "1"))
      try sink.put(failed(2))
      #expect(sink.failures == 1)
      let error = await #expect(throws: RunError.self) { try await sink.finish() }
      #expect(error?.code == .inputOutput)
      #expect(error?.message == "cannot write /dev/full: No space left on device")
      #expect(error?.cause == "No space left on device")
    }
  }

  @Test("An error of the disk is told by waitForRoom, put and finish, and takes the room away")
  func errorIsKept() async throws {
    try await onLoop {
      var limits = FileSink.Limits()
      limits.unwrittenBytes = 0
      limits.chunk = 1
      let file = try OutputFile(device: "/dev/full")
      let sink = FileSink(path: "/dev/full", rowFile: file, order: .input, limits: limits)
      try sink.put(ok(1, "1"))
      // There is no room before the write has ended, with its error.
      await #expect(throws: RunError.self) { try await sink.waitForRoom() }
      #expect(!sink.hasRoom)
      #expect(throws: RunError.self) { try sink.put(ok(2, "2")) }
      await #expect(throws: RunError.self) { try await sink.waitForRoom() }
      await #expect(throws: RunError.self) { try await sink.finish() }
    }
  }

  @Test("After an error nothing is put in place")
  func nothingInPlace() async throws {
    try folder.write("old\n", to: "x.failed.jsonl")
    try await onLoop {
      let sink = FileSink(
        path: "/dev/full", rowFile: try OutputFile(device: "/dev/full"), failedPath: folder("x.failed.jsonl"),
        order: .input)
      try sink.put(ok(1, "1"))
      try sink.put(failed(2))
      await #expect(throws: RunError.self) { try await sink.finish() }
    }
    #expect(folder.read("x.failed.jsonl") == "old\n")
  }

  @Test("A reader that went away is an error, not the end of the process")
  func brokenPipe() async throws {
    let pipe = TestPipe()
    try pipe.readEnd.close()
    try await onLoop {
      let file = OutputFile(descriptor: pipe.writeEnd.fileDescriptor, name: "standard output")
      let sink = FileSink(path: "-", rowFile: file, order: .input)
      try sink.put(ok(1, "1"))
      let error = await #expect(throws: RunError.self) { try await sink.finish() }
      #expect(error?.message == "cannot write standard output: Broken pipe")
    }
  }

  @Test("A slow reader takes the room away until it has read")
  func slowReader() async throws {
    let pipe = TestPipe()
    let row = String(repeating: "x", count: 999)
    try await onLoop {
      var limits = FileSink.Limits()
      limits.unwrittenBytes = 100_000
      limits.chunk = 10_000
      let file = OutputFile(descriptor: pipe.writeEnd.fileDescriptor, name: "pipe")
      let sink = FileSink(path: "-", rowFile: file, order: .input, limits: limits)
      // More than the limit and whatever a pipe holds by itself.
      var index = 0
      while index < 10_000 && sink.hasRoom {
        index += 1
        try sink.put(ok(index, row))
      }
      #expect(index < 10_000)
      #expect(!sink.hasRoom)
      let count = index * 1000
      let reading = Task.detached { try pipe.read(count) }
      try await sink.waitForRoom()
      #expect(sink.hasRoom)
      try await sink.finish()
      #expect(try await reading.value.count == count)
    }
  }

  @Test("A pipe that was set not to block is waited for")
  func nonBlockingPipe() async throws {
    let pipe = TestPipe()
    let descriptor = pipe.writeEnd.fileDescriptor
    #expect(fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) == 0)
    try await onLoop {
      let file = OutputFile(descriptor: descriptor, name: "pipe")
      let sink = FileSink(path: "-", rowFile: file, order: .input)
      let reading = Task.detached { try pipe.read(1_000_000) }
      for index in 1...1000 { try sink.put(ok(index, String(repeating: "x", count: 999))) }
      try await sink.finish()
      #expect(try await reading.value.count == 1_000_000)
    }
  }

  @Test("Missing folders of the output are created")
  func folders() async throws {
    try await onLoop {
      let sink = try FileSink(output: OutputSpec(path: folder("a/b/c/x.jsonl")), order: .input)
      try sink.put(failed(1))
      try await sink.finish()
    }
    #expect(folder.read("a/b/c/x.jsonl") == "")
    #expect(folder.read("a/b/c/x.failed.jsonl") == failedLine(1))
  }

  @Test("The files' mode is 0644, less the umask")
  func mode() async throws {
    try await onLoop { try await FileSink(output: OutputSpec(path: folder("x.jsonl")), order: .input).finish() }
    var status = stat()
    #expect(stat(folder("x.jsonl"), &status) == 0)
    #expect(status.st_mode & 0o777 & ~0o644 == 0)
    #expect(status.st_mode & 0o600 == 0o600)
  }

  @Test(
    "An output that cannot be created is refused at once, with its path and the reason",
    arguments: [
      ("file/x.jsonl", "cannot create FOLDER/file/x.jsonl.part: Not a directory"),
      ("file/a/b/x.jsonl", "cannot create the folder FOLDER/file/a/b: Not a directory"),
      ("folder.jsonl", "cannot create FOLDER/folder.jsonl: a folder has this name"),
    ])
  func cannotCreate(name: String, message: String) async throws {
    try folder.write("", to: "file")
    #expect(mkdir(folder("folder.jsonl"), 0o700) == 0)
    try await onLoop {
      let error = #expect(throws: RunError.self) {
        try FileSink(output: OutputSpec(path: folder(name)), order: .input)
      }
      #expect(error?.code == .cannotCreateOutput)
      #expect(error?.message.replacing(folder.path, with: "FOLDER") == message)
    }
  }

  @Test(
    "A folder that may not be written is refused at once", .enabled(if: geteuid() != 0, "root may write everywhere"))
  func unwritableFolder() async throws {
    #expect(mkdir(folder("locked"), 0o500) == 0)
    try await onLoop {
      let error = #expect(throws: RunError.self) {
        try FileSink(output: OutputSpec(path: folder("locked/x.jsonl")), order: .input)
      }
      #expect(error?.code == .cannotCreateOutput)
      #expect(error?.cause == "Permission denied")
    }
  }

  @Test("A folder that went away is told by finish, and the rows are not lost silently")
  func folderRemoved() async throws {
    try await onLoop {
      let sink = try FileSink(output: OutputSpec(path: folder("a/x.jsonl")), order: .input)
      try sink.put(ok(1, "1"))
      try FileManager.default.removeItem(atPath: folder("a"))
      let error = await #expect(throws: RunError.self) { try await sink.finish() }
      #expect(error?.code == .cannotCreateOutput)
      #expect(error?.message.contains("a/x.jsonl") == true)
    }
  }
}
