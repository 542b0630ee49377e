internal import JobrunModel

/// What a stream of events amounts to.
struct StreamedReply {
  /// The body as it would have come unstreamed; of a stream that broke off, as far as it came.
  var body: [UInt8]
  /// The stream came to its end, or to an error that it told.
  var isComplete: Bool
  /// An event could not be read: of a complete stream, text may be missing.
  var isDamaged = false
  /// Events with data.
  var events: Int

  /// Reads a stream of the API's events.
  init(_ api: WireAPI, _ stream: [UInt8]) {
    self = stream.withUnsafeBytes { bytes in
      switch api {
      case .responses: Self.read(ResponseAssembler(), bytes)
      case .messages: Self.read(MessageAssembler(), bytes)
      case .chat, .embeddings: Self.read(ChatAssembler(), bytes)
      }
    }
  }

  private init(body: [UInt8], isComplete: Bool, isDamaged: Bool, events: Int) {
    (self.body, self.isComplete, self.isDamaged, self.events) = (body, isComplete, isDamaged, events)
  }

  private static func read(_ first: some StreamAssembler, _ bytes: UnsafeRawBufferPointer) -> StreamedReply {
    var assembler = first
    var stream = EventStream(bytes)
    var (events, isDamaged) = (0, false)
    var pieces: [UInt8] = []
    while true {
      let start = stream.position
      guard let event = stream.next() else { break }
      events += 1
      let verdict: StreamVerdict
      switch event.payload {
      case .range(let range): verdict = take(range, of: bytes, isError: event.isError, &assembler)
      case .joined(let lines):
        verdict = lines.withUnsafeBytes { take(0..<$0.count, of: $0, isError: event.isError, &assembler) }
      }
      switch verdict {
      case .goesOn: continue
      case .piece(let piece):
        guard case .range = event.payload else { continue }
        events += stream.skip(like: EventShape(start..<stream.position, piece, bytes), into: &pieces)
        if !pieces.isEmpty { assembler.add(pieces) }
        pieces.removeAll(keepingCapacity: true)
      // At the end of a body that was cut, nothing is missing but what comes behind it.
      case .unreadable: isDamaged = isDamaged || event.isWhole
      case .end:
        return StreamedReply(body: assembler.body, isComplete: true, isDamaged: isDamaged, events: events)
      case .failure(let body): return StreamedReply(body: body, isComplete: true, isDamaged: false, events: events)
      }
    }
    return StreamedReply(
      body: assembler.body, isComplete: assembler.isComplete, isDamaged: isDamaged, events: events)
  }

  private static func take(
    _ range: Range<Int>, of bytes: UnsafeRawBufferPointer, isError: Bool, _ assembler: inout some StreamAssembler
  ) -> StreamVerdict {
    if isError { return .failure(errorBody(bytes[range])) }
    return assembler.take(range, of: bytes)
  }

  /// An error that stands for itself, as a body.
  static func errorBody(_ error: Slice<UnsafeRawBufferPointer>) -> [UInt8] {
    Array(#"{"error":"#.utf8) + error + Array("}".utf8)
  }
}

/// What an event means to its stream.
enum StreamVerdict {
  case goesOn
  /// It did nothing but add a piece of text; what more comes of it is told by `add`.
  case piece(EventPiece)
  /// It is no JSON object.
  case unreadable
  /// The stream says that it is over.
  case end
  /// The stream tells an error; this is the body that says so.
  case failure([UInt8])
}

/// Puts the events of one API together. A pure value.
protocol StreamAssembler {
  /// Takes an event's data, the bytes in this range.
  mutating func take(_ range: Range<Int>, of bytes: UnsafeRawBufferPointer) -> StreamVerdict
  /// Adds to the text that the last event added to.
  mutating func add(_ pieces: [UInt8])
  /// What came so far, as an unstreamed body.
  var body: [UInt8] { get }
  /// What came is whole though no event said so.
  var isComplete: Bool { get }
}

extension [UInt8] {
  mutating func append(_ text: StaticString) {
    append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Appends a member of an object, its key and value as they are written.
  mutating func append(member key: [UInt8], _ value: [UInt8], first: inout Bool) {
    append(first ? "\"" : ",\"")
    first = false
    self += key
    append("\":")
    self += value
  }
}
