#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// The time of day, for people: nothing is decided by it.
enum WallTime {
  /// Since 1970.
  static var milliseconds: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  /// `2026-11-27T05:23:34Z`
  static var text: String { formatted("%Y-%m-%dT%H:%M:%SZ") }

  /// `20261127-052334`, for names of files.
  static var fileText: String { formatted("%Y%m%d-%H%M%S") }

  private static func formatted(_ format: String) -> String {
    var seconds = time(nil)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    let bytes = [UInt8](unsafeUninitializedCapacity: 64) { buffer, count in
      count = buffer.withMemoryRebound(to: CChar.self) { strftime($0.baseAddress, 64, format, &parts) }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
