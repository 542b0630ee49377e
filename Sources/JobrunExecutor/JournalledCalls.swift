internal import JobrunModel

/// Calls as items make them: answered from the journal, or bought.
@Loop
final class JournalledCalls {
  private let journal: (any AnswerJournal)?
  private let calls: CallRunner
  private let scopes: ScopeTable
  private let room: RoomForItems
  private let sharing = SharedCalls()

  init(journal: (any AnswerJournal)?, calls: CallRunner, scopes: ScopeTable, room: RoomForItems) {
    self.journal = journal
    self.calls = calls
    self.scopes = scopes
    self.room = room
  }

  /// The item as the journal names it.
  func reference(to record: ItemRecord, id: ItemID) -> ItemReference {
    journal?.reference(to: record, id: id) ?? ItemReference(id: id, index: record.index)
  }

  /// Items that share a request, as the journal names them.
  func reference(toPack records: [ItemRecord], id: ItemID) -> ItemReference {
    journal?.reference(toPack: records, id: id) ?? ItemReference(id: id, index: records.first?.index ?? 0)
  }

  // MARK: From the journal

  /// What the journal has for the request or one of its fallbacks; nil: it is to be bought.
  ///
  /// - Parameter asked: What the item has asked before. Where answers are shared, its second ask of the same bytes is another
  ///   request than the first: it wants another answer.
  /// - Throws: `RunError` where the journal cannot be read.
  func claim(
    _ request: inout ChatRequest, for item: ItemReference, asked: inout [RequestIdentity]
  ) throws(RunError) -> CallEnd? {
    guard let journal else { return nil }
    identify(&request, journal, scope: "")
    if journal.sharesAnswers, let identity = request.identity {
      let count = asked.count { $0 == identity }
      asked.append(identity)
      if count > 0 { identify(&request, journal, scope: "#\(count + 1)") }
      if isBeingBought(request) { return nil }
    }
    return try claim(request, for: item)
  }

  private func claim(_ request: ChatRequest, for item: ItemReference) throws(RunError) -> CallEnd? {
    guard let journal, let identity = request.identity else { return nil }
    let identities = request.fallbacks.isEmpty ? [identity] : [identity] + request.fallbacks.compactMap(\.identity)
    switch try journal.claim(identities, for: item) {
    case .answer(let stored):
      let models = [request.model] + request.fallbacks.map(\.model)
      return read(stored, models.contains(stored.model) ? stored.model : request.model)
    case .withheld: return .runEnds
    case .none: return nil
    }
  }

  private func identify(_ request: inout ChatRequest, _ journal: any AnswerJournal, scope: String) {
    request.identity = journal.identity(of: request.body, scope: scopes.identityScope(of: request.model) + scope)
    for index in request.fallbacks.indices { identify(&request.fallbacks[index], journal, scope: scope) }
  }

  private func read(_ stored: StoredAnswer, _ model: String) -> CallEnd {
    guard let scope = scopes[model] else { return CallRunner.unknown(model) }
    do throws(AttemptError) {
      var answer = try scope.route.transport.read(stored)
      answer.model = model
      answer.attempts = stored.attempts
      answer.costUSD = stored.costUSD
      answer.isFromJournal = true
      return .ended(.success(answer))
    } catch {
      return .ended(.failure(error))
    }
  }

  // MARK: Bought

  /// Buys the answer, or waits for whoever buys the same.
  ///
  /// - Throws: `RunError` where the journal cannot be read or written.
  func buy(_ request: ChatRequest, for item: ItemReference) async throws(RunError) -> CallEnd {
    if let journal, journal.sharesAnswers { return try await share(request, for: item) }
    return try await calls.run(request, for: item)
  }

  private func isBeingBought(_ request: ChatRequest) -> Bool {
    request.identity.map { sharing.isBeingBought($0) } ?? false
  }

  /// Whoever asks for what is being bought already waits for it, and finds it in the journal.
  private func share(_ request: ChatRequest, for item: ItemReference) async throws(RunError) -> CallEnd {
    guard let identity = request.identity else { return .runEnds }
    while sharing.isBeingBought(identity) {
      room.lend()
      await sharing.end(of: identity)
      room.reclaim()
    }
    if let end = try claim(request, for: item) { return end }
    sharing.begin(identity)
    defer { sharing.ended(identity) }
    return try await calls.run(request, for: item)
  }
}
