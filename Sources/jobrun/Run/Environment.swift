internal import Glibc
internal import JobrunHTTP
internal import JobrunModel

/// The variables that a run sees: the process's, then those of the `.env` beside the job.
struct Environment: Sendable {
  private let file: [String: String]

  /// - Parameter folder: The job's folder. A `.env` there that cannot be read is passed over: it may be another's.
  init(besideJobIn folder: String) {
    let bytes = try? ReadFile.bytes(at: FilePaths.join(folder, ".env"), limit: 1 << 20)
    file = bytes.map { Self.parse(String(decoding: $0, as: UTF8.self)) } ?? [:]
  }

  func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } ?? file[name] }

  /// Lines `NAME=value`, with `export`, quotes and comments as shells have them; nothing is expanded.
  static func parse(_ text: String) -> [String: String] {
    var result: [String: String] = [:]
    for line in text.split(whereSeparator: \.isNewline) {
      var line = line.drop(while: \.isWhitespace)
      if line.hasPrefix("export ") { line = line.dropFirst(7).drop(while: \.isWhitespace) }
      guard !line.hasPrefix("#"), let equals = line.firstIndex(of: "=") else { continue }
      let name = String(line[..<equals])
      var value = line[line.index(after: equals)...]
      while value.last?.isWhitespace == true { value.removeLast() }
      if let quote = value.first, quote == "\"" || quote == "'", value.count >= 2, value.last == quote {
        value = value.dropFirst().dropLast()
      } else if let comment = value.firstRange(of: " #") {
        value = value[..<comment.lowerBound]
      }
      if name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) { result[name] = String(value) }
    }
    return result
  }
}

/// Reads small files whole.
enum ReadFile {
  struct Failure: Error {
    var reason: String
  }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  static func bytes(at path: String, limit: Int) throws(Failure) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure(reason: String(cString: strerror(errno))) }
    defer { close(descriptor) }
    var result: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Failure(reason: String(cString: strerror(errno))) }
      if count == 0 { return result }
      result += buffer[..<count]
      guard result.count <= limit else { throw Failure(reason: "longer than \(limit) bytes") }
    }
  }

  /// A key from a file that nobody else may read.
  static func key(at path: String) throws(RunError) -> Secret {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw RunError(.usage, "--api-key-file: \(path): \(String(cString: strerror(errno)))")
    }
    guard status.st_mode & 0o077 == 0 else {
      throw RunError(.usage, "--api-key-file: \(path) can be read by others", hint: "chmod 600 \(path)")
    }
    do {
      let bytes = try bytes(at: path, limit: 65_536)
      guard let key = Secret(String(decoding: bytes, as: UTF8.self)) else {
        throw RunError(.usage, "--api-key-file: \(path) is empty")
      }
      return key
    } catch let error as Failure {
      throw RunError(.usage, "--api-key-file: \(path): \(error.reason)")
    } catch let error as RunError {
      throw error
    } catch {
      throw RunError(.usage, "--api-key-file: \(path): \(error)")
    }
  }
}
