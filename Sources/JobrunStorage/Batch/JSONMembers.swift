/// Where some members of a JSON object lie; of two equal keys the last counts.
struct JSONMembers {
  private let bytes: [UInt8]
  private var places: [(key: String, place: Range<Int>)] = []
  /// The bytes are one valid JSON object.
  private(set) var isObject = false

  init(_ bytes: [UInt8], of keys: [String]) {
    self.bytes = bytes
    var found: [(key: String, place: Range<Int>)] = []
    isObject = bytes.withUnsafeBytes { buffer in
      JSONScanner.members(of: buffer) { name, value in
        let key = keys.first { $0.utf8.count == name.count && buffer[name].elementsEqual($0.utf8) }
        if let key { found.append((key, value)) }
      }
    }
    places = found
  }

  /// The members of the object that lies at `place`; none where there is none.
  init(_ bytes: [UInt8], at place: Range<Int>?, of keys: [String]) {
    self.init(place.map { Array(bytes[$0]) } ?? [], of: keys)
  }

  subscript(key: String) -> Range<Int>? { places.last { $0.key == key }?.place }

  /// The bytes of a member's value.
  func value(_ key: String) -> [UInt8]? { self[key].map { Array(bytes[$0]) } }

  /// The text of a member; nil where it is none.
  func string(_ key: String) -> String? { self[key].flatMap { Self.string(bytes[$0]) } }

  /// The whole number of a member; nil where it is none.
  func integer(_ key: String) -> Int? { self[key].flatMap { Int(String(decoding: bytes[$0], as: UTF8.self)) } }

  /// The member is missing or null.
  func isNull(_ key: String) -> Bool { self[key].map { bytes[$0].elementsEqual("null".utf8) } ?? true }

  /// A member's value for a message: its first few characters.
  func shown(_ key: String) -> String {
    guard let place = self[key] else { return "nothing" }
    let text = String(decoding: bytes[place], as: UTF8.self)
    return text.count > 40 ? "\(text.prefix(40))…" : text
  }

  /// The text of a JSON string with its quotes; nil where it is none.
  static func string(_ literal: ArraySlice<UInt8>) -> String? {
    guard literal.count >= 2, literal.first == 0x22 else { return nil }
    var text: [UInt8] = []
    literal.dropFirst().dropLast().withUnsafeBytes { JSONString.append(decoded: $0, to: &text) }
    return String(decoding: text, as: UTF8.self)
  }
}
