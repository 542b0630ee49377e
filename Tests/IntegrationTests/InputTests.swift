import Foundation
import JobrunMock
import Testing

private let job = """
  return { input = "in.txt", output = "out.jsonl", model = "m",
    prompt = function(item) return item.q or item.text end,
    parse = function(reply, item, ctx) return { id = ctx.id, said = reply.text } end }
  """

@Suite(.serialized) struct InputTests {
  /// Each with a byte order mark, `\r\n`, blank lines and no line break at the end.
  private static let rough: [(name: String, contents: String, ids: [String])] = [
    ("in.txt", "\u{FEFF}a\r\n\r\n \t\n\nb", ["1", "2"]),
    ("in.jsonl", "\u{FEFF}{\"id\":\"x\",\"q\":\"a\"}\r\n\r\n\n{\"id\":\"y\",\"q\":\"b\"}", [#""x""#, #""y""#]),
    ("in.csv", "\u{FEFF}id,q\r\nx,a\r\n\r\n\n\"y\",\"b\"", [#""x""#, #""y""#]),
    ("in.tsv", "\u{FEFF}id\tq\r\nx\ta\r\n\r\n\ny\tb", [#""x""#, #""y""#]),
  ]

  @Test(arguments: rough)
  func `marks, line breaks of either kind and blank lines are no part of an item`(
    name: String, contents: String, ids: [String]
  ) async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", job)
      try program.write(name, contents)
      try await MockServer.run(MockBehavior(reply: .echo)) { server in
        let result = try await program.run(
          "job.lua", "--base-url", server.baseURL, "--input", name, "--output", "out.jsonl")
        #expect(result.status == 0, "\(result.errors)")
        #expect(
          try program.lines("out.jsonl") == zip(ids, ["a", "b"]).map { #"{"id":\#($0),"said":"\#($1)"}"# })
      }
    }
  }

  @Test(arguments: ["in.txt", "in.jsonl", "in.csv", "in.tsv", "in.failed.jsonl"])
  func `an empty file is no items and status 0, strict or not`(name: String) async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", job)
      try program.write(name, "")
      for strictness in [[], ["--strict"]] {
        let (process, output, errors) = program.process(
          ["job.lua", "--mock=fast", "--input", name, "--output", "out.jsonl"] + strictness)
        try process.run()
        let result = await Program.result(of: process, output, errors)
        #expect(result.status == 0)
        #expect(result.errors.contains("job: 0 items"))
        #expect(try program.read("out.jsonl").isEmpty)
      }
    }
  }

  @Test func `lines that cannot be read fail alone, with their numbers, and are not sent`() async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", job)
      try program.write("in.jsonl", "{\"q\":\"a\"}\n{\"q\":\n\n{\"q\":\"\u{0}\"}\n{\"q\":\"?\"}\n7\n")
      let url = program.folder.appendingPathComponent("in.jsonl")
      var bytes = try Data(contentsOf: url)
      bytes[try #require(bytes.firstIndex(of: 0x3F))] = 0xC3
      try bytes.write(to: url)
      let file = try FileHandle(forWritingTo: url)
      // A line of 17 MiB that takes no room on the disk.
      try file.seek(toOffset: UInt64(bytes.count + 17 << 20))
      file.write(Data("\n{\"q\":\"b\"}".utf8))
      try file.close()
      try await MockServer.run(MockBehavior(reply: .echo)) { server in
        let arguments = ["job.lua", "--base-url", server.baseURL, "--input", "in.jsonl", "--output", "out.jsonl"]
        let (process, output, errors) = program.process(arguments)
        try process.run()
        let result = await Program.result(of: process, output, errors)
        #expect(result.status == 1)
        #expect(result.errors.contains("7 items"))
        #expect(try program.lines("out.jsonl") == [#"{"id":1,"said":"a"}"#, #"{"id":7,"said":"b"}"#])
        #expect(server.requestsReceived == 2)
        let failed = try program.lines("out.failed.jsonl")
        let beginnings = [
          "line 2: not a JSON object: ", "line 4: not a JSON object: ", "line 5: invalid UTF-8 (0xC3) at byte 7",
          "line 6: not a JSON object", "line 7: longer than 16 MiB",
        ]
        #expect(failed.count == beginnings.count)
        for (line, beginning) in zip(failed, beginnings) {
          #expect(line.contains(#""class":"bad_input""#))
          #expect(line.contains(#""message":"\#(beginning)"#), "\(line)")
        }
        let strict = try await program.run(
          "job.lua", "--base-url", server.baseURL, "--input", "in.jsonl", "--output", "out.jsonl", "--strict")
        #expect(strict.status == 65)
        #expect(strict.errors.contains("(7 items): 5 cannot be read\n  line 2: "))
        #expect(server.requestsReceived == 2)
      }
    }
  }

  @Test func `a NUL in a line of text, or in a field, fails its item`() async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", job)
      try program.write("in.txt", "a\nb\u{0}\n")
      try program.write("in.csv", "q,r\na,b\n\u{0},d\n")
      for name in ["in.txt", "in.csv"] {
        let result = try await program.run("job.lua", "--mock=fast", "--input", name, "--output", "out.jsonl")
        #expect(result.status == 1)
        #expect(try program.lines("out.jsonl").count == 1)
        #expect(try program.read("out.failed.jsonl").contains(": a NUL at byte "))
      }
    }
  }

  @Test func `items with the same id are items of their own`() async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", job)
      try program.write("in.jsonl", #"{"id":"a","q":"one"}"# + "\n" + #"{"id":"a","q":"two"}"# + "\n")
      try await MockServer.run(MockBehavior(reply: .echo)) { server in
        let result = try await program.run(
          "job.lua", "--base-url", server.baseURL, "--input", "in.jsonl", "--output", "out.jsonl")
        #expect(result.status == 0)
        #expect(try program.lines("out.jsonl") == [#"{"id":"a","said":"one"}"#, #"{"id":"a","said":"two"}"#])
      }
    }
  }

  @Test func `a named pipe is read as it is written, and a line of half a gigabyte needs no memory`() async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", job)
      let path = program.folder.appendingPathComponent("pipe.txt").path
      #expect(mkfifo(path, 0o600) == 0)
      try await MockServer.run(MockBehavior(reply: .echo)) { server in
        let (process, output, errors) = program.process(
          ["job.lua", "--base-url", server.baseURL, "--input", "pipe.txt", "--output", "-"])
        try process.run()
        // For both directions, so that it does not wait for the program to open it.
        let pipe = FileHandle(fileDescriptor: open(path, O_RDWR | O_CLOEXEC), closeOnDealloc: true)
        pipe.write(Data("one\n".utf8))
        await server.requests(atLeast: 1)
        pipe.write(Data("two\n".utf8))
        await server.requests(atLeast: 2)
        let before = try Self.mostMemory(of: process)
        let piece = Data(repeating: 0x61, count: 1 << 20)
        await Program.offPool { for _ in 0..<512 { pipe.write(piece) } }
        pipe.write(Data("\nthree\n".utf8))
        await server.requests(atLeast: 3)
        #expect(try Self.mostMemory(of: process) - before < 96 << 10)
        try pipe.close()
        let result = await Program.result(of: process, output, errors)
        #expect(result.status == 1)
        #expect(result.errors.contains("4 items"))
        #expect(
          result.output.split(separator: "\n") == [
            #"{"id":1,"said":"one"}"#, #"{"id":2,"said":"two"}"#, #"{"id":4,"said":"three"}"#,
          ])
      }
    }
  }

  /// The most memory that a running process has had, in KiB.
  private static func mostMemory(of process: Process) throws -> Int {
    let status = try String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
    return try #require(Int(line.split(separator: " ")[1].trimmingCharacters(in: .whitespaces)))
  }
}
