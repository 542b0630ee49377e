internal import CDigest
internal import Dispatch
#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif
public import JobrunModel
internal import Synchronization

/// What tells whether an input is the same as before: its SHA-256, and its lines on the way.
public struct InputDigest: Sendable {
  /// In hexadecimal.
  public var sha256: String
  /// About how many items there are: line breaks, and one more where the last line has none; or exactly, where that is
  /// known. Nil where the bytes do not tell.
  public var lines: Int?

  /// The size of a file that can be read more than once; nil for a stream, or where there is none.
  public static func size(of path: String) -> Int? {
    var status = stat()
    guard path != "-", stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }

  /// Reads a file to its end, off the loop; nil where it cannot be read, or where the task is cancelled meanwhile.
  @Loop
  public static func compute(_ input: InputSpec) async -> InputDigest? {
    let cancellation = Cancellation()
    return await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        DispatchQueue(label: "jobrun.digest", qos: .utility).async {
          continuation.resume(returning: read(input, cancellation))
        }
      }
    } onCancel: {
      cancellation.isWanted.store(true, ordering: .relaxed)
    }
  }

  final class Cancellation: Sendable {
    let isWanted = Atomic<Bool>(false)
  }

  static func read(_ path: String, _ cancellation: Cancellation) -> InputDigest? {
    guard size(of: path) != nil, let descriptor = try? SystemCall.open(path, O_RDONLY) else { return nil }
    defer { try? SystemCall.close(descriptor) }
    guard let context = EVP_MD_CTX_new() else { return nil }
    defer { EVP_MD_CTX_free(context) }
    EVP_DigestInit_ex(context, EVP_sha256(), nil)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    defer { buffer.deallocate() }
    var (lines, last) = (0, UInt8(ascii: "\n"))
    while true {
      if cancellation.isWanted.load(ordering: .relaxed) { return nil }
      guard let count = try? SystemCall.read(descriptor, into: buffer) else { return nil }
      if count == 0 { break }
      EVP_DigestUpdate(context, buffer.baseAddress, count)
      for byte in buffer[..<count] where byte == UInt8(ascii: "\n") { lines += 1 }
      last = buffer[count - 1]
    }
    let digest = [UInt8](unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) { bytes, count in
      EVP_DigestFinal_ex(context, bytes.baseAddress, nil)
      count = Int(SHA256_DIGEST_LENGTH)
    }
    return InputDigest(
      sha256: JournalHash.hexadecimal(of: digest), lines: lines + (last == UInt8(ascii: "\n") ? 0 : 1))
  }
}
