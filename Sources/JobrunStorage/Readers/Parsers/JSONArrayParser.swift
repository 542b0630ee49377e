internal import JobrunModel

/// Records that are the elements of one JSON array, cut out as they come; or one object, which is one record.
///
/// Only brackets and strings are looked at: whether an element is valid is for whoever decodes it, so that a bad one fails
/// alone. White space between its tokens becomes one blank each, so that a record stands on one line.
struct JSONArrayParser: RecordParser {
  private enum State {
    /// Before the value. → `between`, `inElement`
    case beginning
    /// In the array, before an element; `wantsElement` behind a comma. → `inElement`, `ended`
    case between(wantsElement: Bool)
    /// → `behindElement`, `ended`
    case inElement
    /// In the array, behind an element. → `between`, `ended`
    case behindElement
    /// Nothing but white space may follow.
    case ended
  }

  private let cap: Int
  private var state = State.beginning
  private var isArray = false
  private var element: [UInt8] = []
  private var isTooLong = false
  /// Brackets that are open inside the element.
  private var depth = 0
  private var isInString = false
  private var isEscaped = false
  private var line = 1
  private var elementLine = 1
  private var index = 0
  /// A byte order mark's bytes that came so far.
  private var mark = 0

  init(cap: Int = InputLimits.record) { self.cap = cap }

  mutating func parse(_ chunk: UnsafeRawBufferPointer, into records: inout [ItemRecord]) throws(RunError) {
    var position = 0
    while position < chunk.count {
      let byte = chunk[position]
      if case .inElement = state, takeInside(byte, into: &records) {
        position += 1
      } else if case .inElement = state {
        continue  // The element ended before this byte.
      } else {
        try takeOutside(byte, into: &records)
        position += 1
      }
    }
  }

  mutating func finish(into records: inout [ItemRecord]) throws(RunError) {
    switch state {
    case .ended: if !isArray { add(to: &records) }
    case .beginning: return
    default:
      throw RunError(
        .badInput, "line \(line): the input ends inside its JSON \(isArray ? "array" : "object")",
        hint: isArray ? "`]` is missing" : "`}` is missing")
    }
  }

  /// Takes a byte of the element; false where the element has ended before it.
  private mutating func takeInside(_ byte: UInt8, into records: inout [ItemRecord]) -> Bool {
    if byte == 0x0A { line += 1 }
    if isInString {
      keep(byte)
      if isEscaped {
        isEscaped = false
      } else if byte == 0x5C {
        isEscaped = true
      } else if byte == 0x22 {
        isInString = false
      }
      return true
    }
    switch byte {
    case 0x22:
      isInString = true
      keep(byte)
    case 0x7B, 0x5B:
      depth += 1
      keep(byte)
    case 0x7D, 0x5D:
      // Of an element that is no array or object, a `]` is the end, and a `}` one more fault.
      if depth == 0, byte == 0x5D {
        end(into: &records)
        return false
      }
      depth = max(0, depth - 1)
      keep(byte)
      if depth == 0, !isArray { state = .ended }
    case 0x2C where depth == 0:
      end(into: &records)
      return false
    case 0x20, 0x09, 0x0A, 0x0D: if element.last != 0x20 { keep(0x20) }
    default: keep(byte)
    }
    return true
  }

  private mutating func takeOutside(_ byte: UInt8, into records: inout [ItemRecord]) throws(RunError) {
    switch (state, byte) {
    case (.beginning, 0xEF) where mark == 0, (.beginning, 0xBB) where mark == 1, (.beginning, 0xBF) where mark == 2:
      mark += 1
    case (_, 0x0A): line += 1
    case (_, 0x20), (_, 0x09), (_, 0x0D): break
    case (.beginning, 0x5B):
      isArray = true
      state = .between(wantsElement: false)
    case (.beginning, 0x7B): begin(byte)
    case (.beginning, _):
      throw RunError(
        .badInput, "line \(line): a JSON array of objects expected, or one object",
        hint: "a file with one JSON object a line has the ending .jsonl, or `format = \"jsonl\"`")
    case (.between(false), 0x5D), (.behindElement, 0x5D): state = .ended
    case (.behindElement, 0x2C): state = .between(wantsElement: true)
    case (.between, 0x2C), (.between, 0x5D):
      throw RunError(.badInput, "line \(line): an element of the array is missing before \"\(Character(.init(byte)))\"")
    case (.between, _): begin(byte)
    case (.behindElement, _):
      throw RunError(.badInput, "line \(line): `,` or `]` expected behind an element of the array")
    case (.ended, _):
      throw RunError(
        .badInput, "line \(line): there is something behind the JSON \(isArray ? "array" : "object")",
        hint: "a file with one JSON object a line has the ending .jsonl, or `format = \"jsonl\"`")
    case (.inElement, _): break
    }
  }

  /// Begins an element with its first byte.
  private mutating func begin(_ byte: UInt8) {
    state = .inElement
    elementLine = line
    element = []
    isTooLong = false
    isInString = byte == 0x22
    isEscaped = false
    depth = byte == 0x7B || byte == 0x5B ? 1 : 0
    keep(byte)
  }

  private mutating func keep(_ byte: UInt8) {
    if isTooLong { return }
    if element.count < cap { return element.append(byte) }
    isTooLong = true
    element = Array(element.prefix(InputLimits.rawPrefix))
  }

  private mutating func end(into records: inout [ItemRecord]) {
    add(to: &records)
    state = .behindElement
  }

  private mutating func add(to records: inout [ItemRecord]) {
    if element.last == 0x20 { element.removeLast() }
    index += 1
    let content: ItemRecord.Content =
      if isTooLong {
        .malformed(reason: "line \(elementLine): an element longer than \(byteCount: cap)", raw: element)
      } else if element.withUnsafeBytes({ TextFault.first(in: $0, allowsNUL: true) }) != nil {
        .malformed(
          reason: "line \(elementLine): invalid UTF-8 in the element that begins here",
          raw: Array(element.prefix(InputLimits.rawPrefix)))
      } else {
        .json(element)
      }
    element = []
    records.append(ItemRecord(content: content, index: index, line: elementLine))
  }
}
