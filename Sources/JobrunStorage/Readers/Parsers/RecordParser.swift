internal import JobrunModel

/// Cuts the bytes of an input into records, chunk by chunk; knows nothing of files.
///
/// Where the chunks end has no influence on the records. Lines end at `\n` alone (a `\r` before it is dropped),
/// never at U+0085 or U+2028.
protocol RecordParser {
  /// Takes the next bytes and appends the records that they complete.
  ///
  /// - Throws: `.badInput` where the input as a whole cannot be used; the message names the line, not the file.
  mutating func parse(_ chunk: UnsafeRawBufferPointer, into records: inout [ItemRecord]) throws(RunError)

  /// Takes the end of the input: what stands behind the last line break is a record too.
  mutating func finish(into records: inout [ItemRecord]) throws(RunError)
}

/// The sizes that hold memory flat, whatever the input is.
enum InputLimits {
  /// The longest line, and the longest record of a CSV, in bytes.
  static let record = 16 << 20
  /// What is kept of a record that cannot be read, in bytes.
  static let rawPrefix = 4 << 10
}
