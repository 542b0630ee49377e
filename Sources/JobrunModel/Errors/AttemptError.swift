/// One HTTP try that gave no answer.
public struct AttemptError: Error, Sendable, Equatable {
  public var errorClass: ErrorClass
  /// The HTTP status; 408 for a time-out of ours, 0 where no HTTP answer came.
  public var status: Int
  /// The provider's own code, or the name of the transport's error.
  public var code: String?
  public var message: String
  public var dispatched: Dispatched
  /// How long the provider asks to wait, however it said so; nil where it did not, or not in a way that makes sense.
  public var retryAfter: Duration?
  /// The header `x-should-retry`.
  public var shouldRetry: Bool?
  /// What the answer's headers say of the limits.
  public var limits: ReportedLimits? {
    get { boxedLimits?.limits }
    set { boxedLimits = BoxedLimits(newValue) }
  }
  private var boxedLimits: BoxedLimits?
  /// What came back: of an answer that cannot be used, whole or in part, or the provider's words of an error.
  public var body: [UInt8]?
  /// HTTP tries that the call has made, this one included; the transport knows of one.
  public var attempts = 1

  public init(
    _ errorClass: ErrorClass, status: Int = 0, code: String? = nil, message: String, dispatched: Dispatched,
    retryAfter: Duration? = nil, shouldRetry: Bool? = nil, limits: ReportedLimits? = nil
  ) {
    self.errorClass = errorClass
    self.status = status
    self.code = code
    self.message = message
    self.dispatched = dispatched
    self.retryAfter = retryAfter
    self.shouldRetry = shouldRetry
    boxedLimits = BoxedLimits(limits)
  }

  /// The request may have been worked on, and billed, though no answer came: the connection broke, or a limit of ours
  /// ended it.
  public var mayBeBilled: Bool {
    dispatched == .maybe && (errorClass == .network || errorClass == .timeout)
  }
}
