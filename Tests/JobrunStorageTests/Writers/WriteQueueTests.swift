import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunStorage

@Suite("The write queue")
struct WriteQueueTests {
  @Test("A change between the look and the wait is not missed")
  func noLostWakeUp() async throws {
    try await onLoop {
      let queue = WriteQueue()
      let generation = queue.generation
      queue.signal()
      await queue.wait(since: generation)
    }
  }

  @Test("The first error is kept, and nothing is done behind it")
  func firstError() async throws {
    try await onLoop {
      let queue = WriteQueue()
      try await queue.finish {}
      for message in ["first", "second"] {
        let error = await #expect(throws: RunError.self) {
          try await queue.finish { () throws(RunError) in throw RunError(.inputOutput, message) }
        }
        #expect(error?.message == "first")
      }
      #expect(queue.hasFailed)
    }
  }
}
