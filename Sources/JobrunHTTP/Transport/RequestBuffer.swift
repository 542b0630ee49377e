internal import Glibc

/// The bytes that libcurl sends: they stay where they are while it does.
struct RequestBuffer: ~Copyable {
  private(set) var start = UnsafeMutableRawPointer.allocate(byteCount: 4_096, alignment: 1)
  private var capacity = 4_096

  deinit { start.deallocate() }

  mutating func fill(_ bytes: [UInt8]) {
    if bytes.count > capacity { resize(to: max(bytes.count, capacity * 2)) }
    bytes.withUnsafeBytes { source in
      if let base = source.baseAddress { start.copyMemory(from: base, byteCount: source.count) }
    }
  }

  /// Gives back what only an unusually long request needed.
  mutating func shrink() {
    if capacity > 256 << 10 { resize(to: 4_096) }
  }

  private mutating func resize(to size: Int) {
    start.deallocate()
    start = .allocate(byteCount: size, alignment: 1)
    capacity = size
  }
}
