public import JobrunModel

/// What a file descriptor is ready for, or is asked to be.
public struct Readiness: OptionSet, Sendable {
  public let rawValue: UInt32

  public init(rawValue: UInt32) { self.rawValue = rawValue }

  public static let readable = Readiness(rawValue: 1)
  public static let writable = Readiness(rawValue: 2)
  /// Reported, never asked for.
  public static let error = Readiness(rawValue: 4)
}

/// Someone who waits for file descriptors.
@Loop
public protocol EventSource: AnyObject {
  /// Called once for each turn of the loop in which the descriptor is ready. May watch and forget descriptors.
  func ready(_ descriptor: Int32, for readiness: Readiness)
}

/// Someone who waits for a deadline.
@Loop
public protocol TimerTarget: AnyObject {
  /// Called once, at or after the deadline; the timer is gone by then.
  func timerFired()
}
