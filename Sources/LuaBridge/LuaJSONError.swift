/// Why JSON text, or a Lua value, could not be converted.
public struct LuaJSONError: Error, Equatable, CustomStringConvertible {
  /// Where in the value, as `messages[2].content`; empty: the value itself, or text that is not JSON.
  public var path: String
  public var message: String
  /// The byte in the text being decoded, or in the string being encoded, from 0; nil if unknown.
  public var offset: Int?

  public init(path: String = "", message: String, offset: Int? = nil) {
    self.path = path
    self.message = message
    self.offset = offset
  }

  public var description: String { path.isEmpty ? message : "\(path): \(message)" }
}
