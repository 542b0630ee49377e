/// One HTTP try that gave no answer.
public struct AttemptError: Error, Sendable, Equatable {
  public var errorClass: ErrorClass
  /// The HTTP status; 408 for a time-out of ours, 0 where no HTTP answer came.
  public var status: Int
  /// The provider's own code, or the name of the transport's error.
  public var code: String?
  public var message: String
  public var dispatched: Dispatched

  public init(
    _ errorClass: ErrorClass, status: Int = 0, code: String? = nil, message: String, dispatched: Dispatched
  ) {
    self.errorClass = errorClass
    self.status = status
    self.code = code
    self.message = message
    self.dispatched = dispatched
  }
}
