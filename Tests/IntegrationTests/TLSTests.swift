import Foundation
import Testing

/// A provider behind TLS, in a process of its own: the certificate is its own, too.
private let server = """
  import http.server, ssl, sys
  class Handler(http.server.BaseHTTPRequestHandler):
      protocol_version = "HTTP/1.1"
      def do_POST(self):
          self.rfile.read(int(self.headers["content-length"]))
          body = b'{"choices":[{"message":{"role":"assistant","content":"secret"},"finish_reason":"stop"}]}'
          self.send_response(200)
          self.send_header("content-length", str(len(body)))
          self.end_headers()
          self.wfile.write(body)
      def log_message(self, *arguments):
          pass
  server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
  context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  context.load_cert_chain("cert.pem", "key.pem")
  server.socket = context.wrap_socket(server.socket, server_side=True)
  print(server.server_address[1], flush=True)
  server.serve_forever()
  """

@Suite(.serialized) struct TLSTests {
  static let hasTools = ["/usr/bin/openssl", "/usr/bin/python3"].allSatisfy(FileManager.default.isExecutableFile)

  @Test(.enabled(if: hasTools, "needs openssl and python3"))
  func `a certificate that nobody vouches for ends the run at once; SSL_CERT_FILE makes it good`() async throws {
    try await Program.inFolder { program in
      try program.write(
        "job.lua",
        #"return { input = "in.txt", output = "out.jsonl", model = "m", prompt = function(i) return i.text end }"#)
      try program.write("in.txt", "a\nb\nc\n")
      try program.write("server.py", server)
      let made = try Self.tool(
        "/usr/bin/openssl",
        "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost "
          + "-addext subjectAltName=DNS:localhost", in: program)
      made.process.waitUntilExit()
      let provider = try Self.tool("/usr/bin/python3", "server.py", in: program)
      defer { provider.process.terminate() }
      let port = await Program.read(provider.output, until: "\n").trimmingCharacters(in: .whitespacesAndNewlines)
      let url = "https://localhost:\(port)/v1"

      let refused = try await program.run("job.lua", "--base-url", url)
      #expect(refused.status == 69, "\(refused.errors)")
      #expect(refused.errors.contains("SSL_CERT_FILE"))
      #expect(refused.errors.contains("requests  1,"))  // it is not tried again
      #expect(!program.exists("out.jsonl"))

      let wrongHost = try await program.run(
        "job.lua", "--base-url", "https://127.0.0.1:\(port)/v1", environment: ["SSL_CERT_FILE": "cert.pem"])
      #expect(wrongHost.status == 69, "\(wrongHost.errors)")

      let trusted = try await program.run("job.lua", "--base-url", url, environment: ["SSL_CERT_FILE": "cert.pem"])
      #expect(trusted.status == 0, "\(trusted.errors)")
      #expect(try program.lines("out.jsonl").count == 3)
    }
  }

  private static func tool(
    _ path: String, _ arguments: String, in program: Program
  ) throws -> (process: Process, output: Pipe) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments.split(separator: " ").map(String.init)
    process.currentDirectoryURL = program.folder
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    return (process, output)
  }
}
