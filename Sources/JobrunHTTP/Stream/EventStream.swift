internal import Glibc

/// The events of a server-sent event stream, as the HTML standard reads them: comments, CR, LF and CRLF, several lines of
/// data, a byte order mark. Also llama.cpp's field `error`.
///
/// It reads a body that is there already, and copies nothing but data of several lines.
struct EventStream {
  /// The bytes of an event.
  enum Payload {
    case range(Range<Int>)
    /// Lines joined by line feeds.
    case joined([UInt8])
  }

  struct Event {
    var payload: Payload
    /// It came in a field `error`.
    var isError = false
    /// It ended with its empty line, not with the body.
    var isWhole = false
  }

  private let bytes: UnsafeRawBufferPointer
  /// Where the next event begins, or the comments before it.
  private(set) var position = 0

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  /// The next event with data; nil at the end. What stands at the end without its empty line is an event, too: servers
  /// forget it.
  mutating func next() -> Event? {
    var event: Event?
    while let line = nextLine() {
      guard !line.isEmpty else {
        if var event {
          event.isWhole = true
          return event
        }
        continue
      }
      guard let value = Self.value(of: "data", in: line, bytes) else {
        if let value = Self.value(of: "error", in: line, bytes), !value.isEmpty {
          event = Event(payload: .range(value), isError: true)
        }
        continue
      }
      guard let before = event, !before.isError else {
        // Nothing is dispatched for it, as a comment.
        if value.isEmpty { continue }
        event = event ?? Event(payload: .range(value))
        continue
      }
      event?.payload = .joined(Self.joined(before.payload, value, bytes))
    }
    return event
  }

  /// Passes over the events that have a shape, and appends their pieces.
  /// - Returns: How many they were.
  mutating func skip(like shape: EventShape, into pieces: inout [UInt8]) -> Int {
    var count = 0
    while let (piece, end) = shape.match(at: position) {
      pieces.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[piece]))
      position = end
      count += 1
    }
    return count
  }

  /// The bytes of a line without its end; nil at the end of the body.
  private mutating func nextLine() -> Range<Int>? {
    guard position < bytes.count, let base = bytes.baseAddress else { return nil }
    let start = position
    var end = bytes.count
    if let feed = memchr(base + start, 0x0A, bytes.count - start) { end = base.distance(to: UnsafeRawPointer(feed)) }
    position = min(end + 1, bytes.count)
    if let carriage = memchr(base + start, 0x0D, end - start) {
      let place = base.distance(to: UnsafeRawPointer(carriage))
      // A lone CR ends a line, too.
      if place + 1 < end || end == bytes.count { position = place + 1 }
      end = place
    }
    return start..<end
  }

  /// The value of a field, a blank behind the colon left out; nil where the line is another field's, or a comment.
  private static func value(of field: StaticString, in line: Range<Int>, _ bytes: UnsafeRawBufferPointer) -> Range<Int>?
  {
    let count = field.utf8CodeUnitCount
    guard line.count >= count, let base = bytes.baseAddress, memcmp(base + line.lowerBound, field.utf8Start, count) == 0
    else { return nil }
    var start = line.lowerBound + count
    if start == line.upperBound { return start..<start }
    guard bytes[start] == UInt8(ascii: ":") else { return nil }
    start += 1
    if start < line.upperBound, bytes[start] == UInt8(ascii: " ") { start += 1 }
    return start..<line.upperBound
  }

  private static func joined(_ before: Payload, _ line: Range<Int>, _ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    var text: [UInt8]
    switch before {
    case .range(let range): text = Array(bytes[range])
    case .joined(let lines): text = lines
    }
    text.append(0x0A)
    text += bytes[line]
    return text
  }
}
