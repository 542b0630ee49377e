#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Cuts chunks of bytes into lines. A UTF-8 byte order mark before the first line is dropped.
struct LineSplitter {
  struct Line {
    enum Content {
      /// The line's bytes inside the chunk; valid until the caller gives the chunk back.
      case borrowed(UnsafeRawBufferPointer)
      /// The bytes of a line that began in an earlier chunk.
      case joined([UInt8])
      /// A line above the cap, already passed over; its beginning.
      case tooLong(prefix: [UInt8])
    }

    /// From 1.
    var number: Int
    /// Without the `\n`; a `\r` before it is still there, since inside a CSV's quotes it counts.
    var content: Content
  }

  /// The longest line in bytes, without its `\n`.
  let cap: Int
  /// The beginning of a line whose end has not come yet; of one above the cap, only a prefix.
  private var held: [UInt8] = []
  private var isTooLong = false
  /// The number of the line being read.
  private(set) var number = 1

  init(cap: Int = InputLimits.record) { self.cap = cap }

  /// Takes one line off the front of `rest`, or holds what is left of it and returns nil.
  mutating func next(_ rest: inout UnsafeRawBufferPointer) -> Line? {
    guard let base = rest.baseAddress, !rest.isEmpty else { return nil }
    guard let lineBreak = memchr(base, 0x0A, rest.count) else {
      hold(rest)
      rest = UnsafeRawBufferPointer(start: nil, count: 0)
      return nil
    }
    let length = UnsafeRawPointer(lineBreak) - base
    let piece = UnsafeRawBufferPointer(start: base, count: length)
    rest = UnsafeRawBufferPointer(start: base + length + 1, count: rest.count - length - 1)
    if held.isEmpty && length <= cap {
      defer { number += 1 }
      return Line(number: number, content: .borrowed(number == 1 ? piece.withoutByteOrderMark : piece))
    }
    hold(piece)
    return takeHeld()
  }

  /// The last line, where no line break closed it.
  mutating func finish() -> Line? {
    held.isEmpty ? nil : takeHeld()
  }

  private mutating func hold(_ piece: UnsafeRawBufferPointer) {
    if isTooLong { return }
    if held.count + piece.count <= cap {
      held.append(contentsOf: piece)
      return
    }
    isTooLong = true
    // A new array, so that the old one's capacity is given back.
    var prefix = Array(held.prefix(InputLimits.rawPrefix))
    prefix.append(contentsOf: piece.prefix(InputLimits.rawPrefix - prefix.count))
    held = prefix
  }

  private mutating func takeHeld() -> Line {
    var bytes = held
    if number == 1 { bytes.removeByteOrderMark() }
    let line = Line(number: number, content: isTooLong ? .tooLong(prefix: bytes) : .joined(bytes))
    held = []
    isTooLong = false
    number += 1
    return line
  }
}

extension UnsafeRawBufferPointer {
  /// The bytes without a final `\r`.
  var withoutCarriageReturn: UnsafeRawBufferPointer {
    last == 0x0D ? UnsafeRawBufferPointer(start: baseAddress, count: count - 1) : self
  }

  /// Whether there is nothing but spaces, tabs and carriage returns.
  var isBlank: Bool {
    allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
  }

  /// The beginning, as it is kept of a record that cannot be read.
  var rawPrefix: [UInt8] { Array(prefix(InputLimits.rawPrefix)) }

  fileprivate var withoutByteOrderMark: UnsafeRawBufferPointer {
    count >= 3 && self[0] == 0xEF && self[1] == 0xBB && self[2] == 0xBF
      ? UnsafeRawBufferPointer(rebasing: self[3...]) : self
  }
}

extension [UInt8] {
  fileprivate mutating func removeByteOrderMark() {
    if starts(with: [0xEF, 0xBB, 0xBF]) { removeFirst(3) }
  }
}
