/// Why an item failed: data for the user, not a thrown error.
public struct ItemFailure: Sendable, Equatable {
  public var errorClass: ErrorClass
  public var status: Int
  public var code: String?
  public var message: String
  /// HTTP tries made for the item.
  public var attempts: Int
  public var dispatched: Dispatched
  /// The hook that failed or refused, where one did.
  public var hook: String?
  public var traceback: String?
  /// The failure that `on_error` was to mend when it failed itself.
  public var cause: Cause?

  /// A failure behind another one.
  public struct Cause: Sendable, Equatable {
    public var errorClass: ErrorClass
    public var message: String
    public var hook: String?

    public init(_ failure: ItemFailure) {
      errorClass = failure.errorClass
      message = failure.message
      hook = failure.hook
    }
  }

  public init(
    _ errorClass: ErrorClass, status: Int = 0, code: String? = nil, message: String, attempts: Int = 0,
    dispatched: Dispatched = .no, hook: String? = nil, traceback: String? = nil
  ) {
    self.errorClass = errorClass
    self.status = status
    self.code = code
    self.message = message
    self.attempts = attempts
    self.dispatched = dispatched
    self.hook = hook
    self.traceback = traceback
  }

  public init(_ error: AttemptError) {
    self.init(
      error.errorClass, status: error.status, code: error.code, message: error.message, attempts: error.attempts,
      dispatched: error.dispatched)
  }
}
