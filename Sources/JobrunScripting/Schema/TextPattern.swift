import CPattern

/// A regular expression as schemas have it (ECMAScript's, nearly), matched anywhere in a text by PCRE2.
///
/// Matching backtracks, so its cost has no bound of its own: `PatternEffort` is the bound.
final class TextPattern: Sendable {
  let source: String
  /// pcre2api, "Multithreading": compiled code is only read.
  private nonisolated(unsafe) let code: OpaquePointer
  /// The largest count of a repeat.
  private let largestRepeat: Int
  private let hasBackreferences: Bool

  /// Why it is none.
  struct Failure: Error {
    /// What PCRE2 says, in lower case.
    var reason: String
    /// The byte, from 0.
    var offset: Int
  }

  init(_ source: String) throws(Failure) {
    self.source = source
    var error: Int32 = 0
    var offset = 0
    let context = pcre2_compile_context_create_8(nil)
    defer { pcre2_compile_context_free_8(context) }
    if let context { pcre2_set_compile_extra_options_8(context, UInt32(PCRE2_EXTRA_ALT_BSUX)) }
    let bytes = Array(source.utf8)
    let made = bytes.withUnsafeBufferPointer { bytes in
      // An empty pattern has an address, too: PCRE2 refuses NULL.
      withUnsafePointer(to: 0 as UInt8) { empty in
        pcre2_compile_8(bytes.baseAddress ?? empty, bytes.count, Self.options, &error, &offset, context)
      }
    }
    guard let made else { throw Failure(reason: Self.message(error), offset: offset) }
    code = made
    var backreferences: UInt32 = 0
    pcre2_pattern_info_8(made, UInt32(PCRE2_INFO_BACKREFMAX), &backreferences)
    hasBackreferences = backreferences > 0
    largestRepeat = Self.largestRepeat(in: bytes)
  }

  deinit { pcre2_code_free_8(code) }

  /// Whether it matches somewhere in the text, which is UTF-8; nil: given up.
  func matches(_ text: UnsafeRawBufferPointer, effort: inout PatternEffort) -> Bool? {
    guard let match = pcre2_match_data_create_8(1, nil) else { return nil }
    defer { pcre2_match_data_free_8(match) }
    guard let context = pcre2_match_context_create_8(nil) else { return nil }
    defer { pcre2_match_context_free_8(context) }
    effort.begin(repeats: largestRepeat, weighsAll: hasBackreferences)
    let result = withUnsafeMutablePointer(to: &effort) { effort in
      pcre2_set_heap_limit_8(context, 64 << 10)
      pcre2_set_callout_8(
        context,
        { block, effort in
          guard let block, let effort = effort?.assumingMemoryBound(to: PatternEffort.self) else { return 0 }
          return effort.pointee.allows(block.pointee) ? 0 : PCRE2_ERROR_CALLOUT
        }, effort)
      return withUnsafePointer(to: 0 as UInt8) { empty in
        pcre2_match_8(
          code, text.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? empty, text.count, 0, 0, match, context)
      }
    }
    return result >= 0 ? true : result == PCRE2_ERROR_NOMATCH ? false : nil
  }

  /// `PCRE2_AUTO_CALLOUT` reports each item of the pattern that is tried.
  private static let options =
    UInt32(PCRE2_UTF) | UInt32(PCRE2_ALT_BSUX) | UInt32(PCRE2_DOLLAR_ENDONLY) | UInt32(PCRE2_MATCH_UNSET_BACKREF)
    | UInt32(PCRE2_ALLOW_EMPTY_CLASS) | UInt32(PCRE2_NEVER_BACKSLASH_C) | UInt32(PCRE2_AUTO_CALLOUT)

  private static func message(_ error: Int32) -> String {
    var text = [UInt8](repeating: 0, count: 160)
    let count = Int(pcre2_get_error_message_8(error, &text, text.count))
    return String(decoding: text.prefix(max(0, count)), as: UTF8.self)
  }

  /// The largest number behind a `{` or behind its comma.
  private static func largestRepeat(in pattern: [UInt8]) -> Int {
    var largest = 1
    var number: Int?
    for byte in pattern {
      switch byte {
      case UInt8(ascii: "{"), UInt8(ascii: ","): number = 0
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        number = number.map { min($0 * 10 + Int(byte - UInt8(ascii: "0")), 1 << 20) }
      default: number = nil
      }
      largest = max(largest, number ?? 1)
    }
    return largest
  }
}

/// What matching may still cost, in steps of about a character or an item of a pattern.
struct PatternEffort {
  private(set) var left: Int
  private var attempt = -1
  private var position = 0
  private var repeats = 0
  private var weighsAll = false

  init(_ left: Int) { self.left = left }

  mutating func begin(repeats: Int, weighsAll: Bool) {
    attempt = -1
    position = 0
    self.repeats = repeats
    self.weighsAll = weighsAll
  }

  /// Counts what PCRE2 did since the call before: characters passed; at a new start, a counted repeat that may fail at
  /// its end; with back references, a comparison.
  mutating func allows(_ block: pcre2_callout_block_8) -> Bool {
    let here = Int(block.current_position)
    left -= 1 + abs(here - position)
    position = here
    let start = Int(block.start_match)
    let rest = max(0, Int(block.subject_length) - start)
    if start != attempt {
      attempt = start
      left -= min(repeats, rest)
    }
    if weighsAll { left -= rest }
    return left > 0
  }
}
