#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// The `errno` of a failed system call, with its words.
struct SystemError: Error, Equatable {
  var number: Int32

  /// Reads `errno`; call it before anything else can change it.
  static var last: SystemError { SystemError(number: errno) }

  /// As `strerror` says it: `No space left on device`.
  var text: String { String(cString: strerror(number)) }

  /// A full disk, a quota, or the process's own limit of file sizes.
  var isLackOfRoom: Bool { [ENOSPC, EDQUOT, EFBIG].contains(number) }
}
