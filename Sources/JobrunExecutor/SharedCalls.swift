internal import JobrunModel

/// Requests that are being bought, and who else waits for their answers: with `dedupe`, each is bought once.
@Loop
final class SharedCalls {
  private var waiting: [RequestIdentity: LoopSemaphore] = [:]

  func isBeingBought(_ identity: RequestIdentity) -> Bool { waiting[identity] != nil }

  func begin(_ identity: RequestIdentity) { waiting[identity] = LoopSemaphore(permits: 0) }

  /// Waits until the request has ended, however.
  func end(of identity: RequestIdentity) async { _ = await waiting[identity]?.acquire() }

  func ended(_ identity: RequestIdentity) { waiting.removeValue(forKey: identity)?.close() }
}
