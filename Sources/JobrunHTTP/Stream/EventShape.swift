internal import Glibc

/// Where the only text of an event stands.
struct EventPiece {
  /// The inside of its string.
  var text: Range<Int>
  /// Values beside it that mean nothing and differ from event to event: insides of strings, numbers.
  var varying: [Range<Int>] = []
}

/// What an event that only adds a piece of text has in common with the next ones, so that they need not be read: nearly
/// all events of a stream differ from the one before by that piece alone.
struct EventShape {
  /// The bytes that are the same, in the stream; between each two of them is a value.
  private var parts: [Range<Int>] = []
  /// Which of the values is the piece.
  private var pieceIndex = 0
  private let bytes: UnsafeRawBufferPointer

  /// - Parameter event: All lines of the event, from the end of the one before.
  init(_ event: Range<Int>, _ piece: EventPiece, _ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    var start = event.lowerBound
    for (index, value) in (piece.varying + [piece.text]).sorted(by: { $0.lowerBound < $1.lowerBound }).enumerated() {
      if value == piece.text { pieceIndex = index }
      parts.append(start..<value.lowerBound)
      start = value.upperBound
    }
    parts.append(start..<event.upperBound)
  }

  /// The piece of an event that begins here, and where the event ends; nil where it is of another shape.
  func match(at start: Int) -> (piece: Range<Int>, end: Int)? {
    guard let base = bytes.baseAddress else { return nil }
    var (place, piece) = (start, start..<start)
    for (index, part) in parts.enumerated() {
      guard bytes.count - place >= part.count, memcmp(base + place, base + part.lowerBound, part.count) == 0 else {
        return nil
      }
      place += part.count
      if index == parts.count - 1 { break }
      let isString = bytes[part.upperBound - 1] == UInt8(ascii: "\"")
      guard let end = isString ? endOfString(place) : endOfNumber(place) else { return nil }
      if index == pieceIndex { piece = place..<end }
      place = end
    }
    return (piece, place)
  }

  /// The quote that ends a string; nil where a line ends first.
  private func endOfString(_ start: Int) -> Int? {
    var place = start
    while place < bytes.count {
      switch bytes[place] {
      case UInt8(ascii: "\""): return place
      case 0..<0x20: return nil
      case UInt8(ascii: "\\"):
        // What is escaped is no control character either.
        guard place + 1 < bytes.count, bytes[place + 1] >= 0x20 else { return nil }
        place += 2
      default: place += 1
      }
    }
    return nil
  }

  private func endOfNumber(_ start: Int) -> Int? {
    var place = start
    while place < bytes.count, case UInt8(ascii: "0")...UInt8(ascii: "9") = bytes[place] { place += 1 }
    return place > start ? place : nil
  }
}
