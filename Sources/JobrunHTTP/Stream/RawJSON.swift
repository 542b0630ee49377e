internal import Glibc

/// Members and elements of JSON as they are written: ranges of its bytes. Nothing is decoded, so that pieces of strings
/// can be joined without being escaped anew.
///
/// It checks no more than it needs to find its way; what it made is parsed as a whole afterwards.
struct RawJSON {
  let bytes: UnsafeRawBufferPointer

  /// Calls `body` with the inside of each key and the range of its value. An object that breaks off is false.
  func members(of object: Range<Int>, _ body: (_ key: Range<Int>, _ value: Range<Int>) -> Void) -> Bool {
    var place = skipBlanks(object.lowerBound, object.upperBound)
    guard place < object.upperBound, bytes[place] == UInt8(ascii: "{") else { return false }
    place = skipBlanks(place + 1, object.upperBound)
    while place < object.upperBound, bytes[place] != UInt8(ascii: "}") {
      guard bytes[place] == UInt8(ascii: "\""), let keyEnd = string(from: place, object.upperBound) else {
        return false
      }
      let key = place + 1..<keyEnd - 1
      place = skipBlanks(keyEnd, object.upperBound)
      guard place < object.upperBound, bytes[place] == UInt8(ascii: ":") else { return false }
      place = skipBlanks(place + 1, object.upperBound)
      guard let end = value(from: place, object.upperBound) else { return false }
      body(key, place..<end)
      place = skipBlanks(end, object.upperBound)
      guard place < object.upperBound else { return false }
      if bytes[place] == UInt8(ascii: ",") { place = skipBlanks(place + 1, object.upperBound) }
    }
    return place < object.upperBound
  }

  /// The elements of an array; nil where it is none.
  func elements(of array: Range<Int>) -> [Range<Int>]? {
    var place = skipBlanks(array.lowerBound, array.upperBound)
    guard place < array.upperBound, bytes[place] == UInt8(ascii: "[") else { return nil }
    place = skipBlanks(place + 1, array.upperBound)
    var elements: [Range<Int>] = []
    while place < array.upperBound, bytes[place] != UInt8(ascii: "]") {
      guard let end = value(from: place, array.upperBound) else { return nil }
      elements.append(place..<end)
      place = skipBlanks(end, array.upperBound)
      if place < array.upperBound, bytes[place] == UInt8(ascii: ",") {
        place = skipBlanks(place + 1, array.upperBound)
      }
    }
    return place < array.upperBound ? elements : nil
  }

  func `is`(_ range: Range<Int>, _ text: StaticString) -> Bool {
    guard range.count == text.utf8CodeUnitCount, let base = bytes.baseAddress else { return false }
    return memcmp(base + range.lowerBound, text.utf8Start, range.count) == 0
  }

  /// The inside of a string; nil where the value is another one.
  func text(_ value: Range<Int>) -> Range<Int>? {
    guard value.count >= 2, bytes[value.lowerBound] == UInt8(ascii: "\"") else { return nil }
    return value.lowerBound + 1..<value.upperBound - 1
  }

  /// What stands between an array's brackets, blanks at its ends left out; nil where the value is another one.
  func inside(ofList value: Range<Int>) -> Range<Int>? {
    guard value.count >= 2, bytes[value.lowerBound] == UInt8(ascii: "["),
      bytes[value.upperBound - 1] == UInt8(ascii: "]")
    else { return nil }
    var (start, end) = (value.lowerBound + 1, value.upperBound - 1)
    while start < end, bytes[start] <= 0x20 { start += 1 }
    while end > start, bytes[end - 1] <= 0x20 { end -= 1 }
    return start..<end
  }

  func isObject(_ value: Range<Int>) -> Bool { !value.isEmpty && bytes[value.lowerBound] == UInt8(ascii: "{") }

  func isNull(_ value: Range<Int>) -> Bool { self.is(value, "null") }

  func number(_ value: Range<Int>) -> Int? {
    guard value.count < 10 else { return nil }
    return Int(String(decoding: bytes[value], as: UTF8.self))
  }

  private func skipBlanks(_ start: Int, _ limit: Int) -> Int {
    var place = start
    while place < limit, bytes[place] <= 0x20 { place += 1 }
    return place
  }

  /// The end of the string that begins here; nil where it breaks off.
  private func string(from start: Int, _ limit: Int) -> Int? {
    guard let base = bytes.baseAddress else { return nil }
    var place = start + 1
    while place < limit, let quote = memchr(base + place, 0x22, limit - place) {
      let end = base.distance(to: UnsafeRawPointer(quote))
      var slashes = 0
      while end - slashes - 1 > start, bytes[end - slashes - 1] == UInt8(ascii: "\\") { slashes += 1 }
      if slashes % 2 == 0 { return end + 1 }
      place = end + 1
    }
    return nil
  }

  /// The end of the value that begins here; nil where it breaks off.
  private func value(from start: Int, _ limit: Int) -> Int? {
    guard start < limit else { return nil }
    switch bytes[start] {
    case UInt8(ascii: "\""): return string(from: start, limit)
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      var (place, depth) = (start, 0)
      while place < limit {
        switch bytes[place] {
        case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
          depth -= 1
          if depth == 0 { return place + 1 }
        case UInt8(ascii: "\""):
          guard let end = string(from: place, limit) else { return nil }
          place = end - 1
        default: break
        }
        place += 1
      }
      return nil
    default:
      var place = start
      while place < limit {
        switch bytes[place] {
        case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), 0...0x20: return place > start ? place : nil
        default: place += 1
        }
      }
      return place
    }
  }
}
