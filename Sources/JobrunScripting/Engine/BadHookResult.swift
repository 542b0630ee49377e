/// A hook gave something that cannot be used.
struct BadHookResult: Error {
  /// What is wrong and what would be right.
  var message: String
  /// The message goes on behind the hook's name (`returned nil`); else it is about a part of what the hook gave.
  private var goesOn: Bool

  /// A problem with a part: `messages[2] has no content`.
  init(_ message: String) { self.init(message, goesOn: false) }

  private init(_ message: String, goesOn: Bool) {
    self.message = message
    self.goesOn = goesOn
  }

  /// A problem with the whole, to be read behind the hook's name: `returned nil`.
  static func whole(_ message: String) -> BadHookResult { BadHookResult(message, goesOn: true) }

  /// The message of a method that takes what a hook returns.
  ///
  /// - Parameter place: Which of several it is about.
  func message(ofMethod method: String, at place: Int? = nil) -> String {
    let place = place.map { " (request \($0))" } ?? ""
    guard goesOn else { return "\(method)\(place): \(message)" }
    let given = message.hasPrefix("returned ") ? "was given " + message.dropFirst("returned ".count) : message
    return "\(method)\(place) \(given)"
  }

  /// The message behind the hook's name.
  func message(of hook: String) -> String { goesOn ? "\(hook) \(message)" : "\(hook): \(message)" }
}
