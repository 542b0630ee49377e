import Foundation
import JobrunMock
import Testing

/// Providers speak HTTP/2 over TLS; here a proxy does so for the mock, which does not.
@Suite(.serialized, .enabled(if: TLSProxy.isInstalled, "needs nghttpx and openssl")) struct HTTP2Tests {
  private static let items = 300

  private static func prepare(_ program: Program) throws {
    for isStreamed in [false, true] {
      try program.write(
        isStreamed ? "streamed.lua" : "plain.lua",
        """
        return { input = "in.txt", output = "out.jsonl", model = "m", concurrency = 16, stream = \(isStreamed),
          prompt = function(item) return item.text end }
        """)
    }
    try program.write("in.txt", (1...items).map { "Text number \($0), with some words in it.\n" }.joined())
  }

  @Test(arguments: ["plain.lua", "streamed.lua"])
  func `answers come as over HTTP/1, also where the server allows few streams and closes connections`(
    job: String
  ) async throws {
    try await MockServer.run(MockBehavior(latency: .fixed(.milliseconds(5)), reply: .echo, chunks: 40)) { server in
      try await Program.inFolder { program in
        try Self.prepare(program)
        let direct = try await program.run(job, "--output", "direct.jsonl", "--base-url", server.baseURL)
        #expect(direct.status == 0, "\(direct.errors)")
        let proxy = try await TLSProxy.start(
          before: server.baseURL, in: program, "--frontend-http2-max-concurrent-streams=10",
          "--frontend-max-requests=20")
        defer { proxy.stop() }
        let secure = try await program.run(job, "--base-url", proxy.baseURL, environment: proxy.environment)
        #expect(secure.status == 0, "\(secure.errors)")
        #expect(try program.read("out.jsonl") == program.read("direct.jsonl"))
        #expect(server.requestsReceived == 2 * Self.items)
        #expect(try program.lines("access.log") == Array(repeating: "h2 200", count: Self.items))
      }
    }
  }

  @Test(arguments: ["plain.lua", "streamed.lua"])
  func `a proxy that dies costs what was in flight, and no row`(job: String) async throws {
    try await MockServer.run(MockBehavior(latency: .fixed(.milliseconds(30)), reply: .echo, chunks: 10)) { server in
      try await Program.inFolder { program in
        try Self.prepare(program)
        var proxy = try await TLSProxy.start(before: server.baseURL, in: program)
        let (process, output, errors) = program.process(
          [job, "--base-url", proxy.baseURL, "--progress", "none"], environment: proxy.environment)
        try Program.start(process)
        while server.requestsReceived < 100, process.isRunning { try await Task.sleep(for: .milliseconds(2)) }
        proxy.stop()
        proxy = try await TLSProxy.start(before: server.baseURL, in: program, port: proxy.port)
        defer { proxy.stop() }
        let result = await Program.result(of: process, output, errors)
        #expect(result.status == 0, "\(result.errors)")
        #expect(try program.lines("out.jsonl").count == Self.items)
        #expect(server.requestsReceived <= Self.items + 16)
      }
    }
  }
}

/// nghttpx before a server on this machine: HTTP/2 over TLS in front, HTTP/1.1 behind.
private struct TLSProxy {
  static let isInstalled = [path, "/usr/bin/openssl"].allSatisfy(FileManager.default.isExecutableFile)
  private static let path = "/usr/sbin/nghttpx"

  let process: Process
  let port: Int

  var baseURL: String { "https://localhost:\(port)/v1" }
  var environment: [String: String] { ["SSL_CERT_FILE": "cert.pem"] }

  /// - Parameter port: A free one unless given.
  static func start(
    before backend: String, in program: Program, port: Int? = nil, _ options: String...
  ) async throws -> TLSProxy {
    if !program.exists("cert.pem") { try await makeCertificate(in: program) }
    var front = port ?? 0
    if port == nil { try await MockServer.run(MockBehavior()) { front = $0.port } }
    let behind = try #require(URLComponents(string: backend)?.port)
    let process = Process()
    let errors = Pipe()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments =
      [
        "--conf=/dev/null", "--single-process", "--no-ocsp", "-f127.0.0.1,\(front)", "-b127.0.0.1,\(behind)",
        "--accesslog-file=access.log", "--accesslog-format=$alpn $status",
      ] + options + ["key.pem", "cert.pem"]
    process.currentDirectoryURL = program.folder
    process.standardOutput = FileHandle.nullDevice
    process.standardError = errors
    try Program.start(process)
    let said = await Program.read(errors, until: "Created worker thread")
    try #require(process.isRunning, "nghttpx: \(said)")
    return TLSProxy(process: process, port: front)
  }

  private static func makeCertificate(in program: Program) async throws {
    let openssl = Process()
    openssl.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
    openssl.arguments = [
      "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "2",
      "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
    ]
    openssl.currentDirectoryURL = program.folder
    openssl.standardError = FileHandle.nullDevice
    try Program.start(openssl)
    await Program.offPool { openssl.waitUntilExit() }
    try #require(openssl.terminationStatus == 0)
  }

  /// Kills it, whatever it has in flight.
  func stop() {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }
}
