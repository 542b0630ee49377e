#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// Splits one record of a CSV or TSV into its fields by RFC 4180; a quote inside an unquoted field stands for itself.
struct FieldSplitter {
  /// How the bytes of a record end.
  enum Ending: Equatable {
    /// Every quote is closed.
    case closed
    /// Inside a quoted field. `quote` is the offset of its opening quote, nil where the field was open before.
    case open(quote: Int?)
    /// Something else than a separator stands behind a closing quote, at this offset.
    case textAfterQuote(Int)
  }

  static let quote: UInt8 = 0x22
  let separator: UInt8

  /// The ending of `bytes`, which begin at a record's beginning or `insideQuotes`.
  func ending(of bytes: UnsafeRawBufferPointer, insideQuotes: Bool) -> Ending {
    var position = 0
    var opening: Int?
    var isInside = insideQuotes
    while true {
      if isInside {
        guard let after = closingQuote(in: bytes, from: position) else { return .open(quote: opening) }
        if after == bytes.count { return .closed }
        if bytes[after] != separator { return .textAfterQuote(after) }
        position = after + 1
      }
      guard let field = nextQuotedField(in: bytes, from: position) else { return .closed }
      opening = field
      position = field + 1
      isInside = true
    }
  }

  /// The fields of a whole record whose ending is `.closed`.
  func fields(of bytes: UnsafeRawBufferPointer, count expected: Int) -> [[UInt8]] {
    var fields: [[UInt8]] = []
    fields.reserveCapacity(expected)
    var position = 0
    while true {
      let end: Int
      if position < bytes.count && bytes[position] == Self.quote {
        guard let behind = closingQuote(in: bytes, from: position + 1) else { return fields }
        end = behind
        fields.append(unquoted(UnsafeRawBufferPointer(rebasing: bytes[(position + 1)..<(end - 1)])))
      } else {
        end = first(separator, in: bytes, from: position) ?? bytes.count
        fields.append(Array(UnsafeRawBufferPointer(rebasing: bytes[position..<end])))
      }
      if end >= bytes.count { return fields }
      position = end + 1
    }
  }

  /// The offset behind the quote that closes the field whose contents begin at `start`.
  private func closingQuote(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    var position = start
    while let quote = first(Self.quote, in: bytes, from: position) {
      if quote + 1 == bytes.count || bytes[quote + 1] != Self.quote { return quote + 1 }
      position = quote + 2
    }
    return nil
  }

  /// The offset of the next quote that opens a field, for a field that begins at `start`.
  private func nextQuotedField(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    var position = start
    while let quote = first(Self.quote, in: bytes, from: position) {
      if quote == start || bytes[quote - 1] == separator { return quote }
      position = quote + 1
    }
    return nil
  }

  /// The contents of a quoted field, each doubled quote as one.
  private func unquoted(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    guard var quote = first(Self.quote, in: bytes, from: 0) else { return Array(bytes) }
    var field: [UInt8] = []
    field.reserveCapacity(bytes.count)
    var position = 0
    while true {
      field.append(contentsOf: bytes[position...quote])
      position = quote + 2
      guard let next = first(Self.quote, in: bytes, from: position) else { break }
      quote = next
    }
    if position < bytes.count { field.append(contentsOf: bytes[position...]) }
    return field
  }

  @inline(__always)
  private func first(_ byte: UInt8, in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    guard start < bytes.count, let base = bytes.baseAddress else { return nil }
    guard let found = memchr(base + start, Int32(byte), bytes.count - start) else { return nil }
    return UnsafeRawPointer(found) - base
  }
}
