public import JobrunModel

extension RunJournal {
  /// Stores an answer that was bought elsewhere. Nothing of it counts as spent. Returns when it is on the disk.
  ///
  /// - Throws: `RunError` where it could not be stored.
  public func take(
    _ answer: Answer, to identity: RequestIdentity, for item: ItemReference
  ) async throws(RunError) {
    let request = SentRequest(identity: identity, model: answer.model, item: item, place: Self.neverSent)
    request.charge = Spending()
    try await store(answer, to: request)
  }
}
