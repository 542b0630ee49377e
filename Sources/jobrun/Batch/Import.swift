internal import JobrunModel
internal import JobrunReactor
internal import JobrunScripting
internal import JobrunStorage

/// Joins results to the requests that a job has now, and stores them in its journal.
@Loop
struct Import {
  /// A request that has no answer yet.
  private struct Wanted {
    let item: ItemReference
    let model: String
    let api: WireAPI
  }

  /// What is still to be joined.
  private struct Joining {
    /// The requests that have no answer yet. Identities with none are known, and nothing is wanted.
    var open: [RequestIdentity: [Wanted]] = [:]
    /// What the journal had before.
    var known: KnownAnswers
    /// The requests whose answer has come.
    var answered: Set<String> = []
  }

  private struct Found {
    let answer: Answer
    let identity: RequestIdentity
    let item: ItemReference
  }

  let requests: JobRequests
  let results: [String]
  let console: Console
  /// What is stored at once.
  private static let group = 256

  init(requests: JobRequests, results: [String], console: Console) {
    self.requests = requests
    self.results = results
    self.console = console
  }

  func run() async throws(RunError) -> ImportTally {
    let configuration = requests.opened.configuration
    // That there is no such file is told before the journal is made.
    var sources: [(path: String, records: any RecordIterator)] = []
    for path in results {
      sources.append((path, try InputOpener.rows(for: InputSpec(path: path, format: .jsonLines))))
    }
    let opening = try JournalOpening.open(
      configuration, options: requests.opened.options, source: requests.opened.options.job)
    do throws(RunError) {
      let tally = try await fill(opening.file, from: sources)
      // Not an end of the job: what failed before remains to be asked by `--failed`.
      try opening.file.close(
        RunResult(
          exitCode: Int(ExitStatus.stopped.rawValue), reason: "imported \(tally.imported) answers", stats: "{}"))
      return tally
    } catch {
      // Whatever it was, it is known already; the journal is given free.
      try? opening.file.close(
        RunResult(exitCode: Int(ExitStatus(error.code).rawValue), reason: error.message, stats: "{}"))
      throw error
    }
  }

  private func fill(
    _ file: JournalFile, from sources: [(path: String, records: any RecordIterator)]
  ) async throws(RunError) -> ImportTally {
    let console = console
    let journal = try RunJournal(file, mode: .normal, clock: ReactorClock()) { console.print("warning: \($0)") }
    var tally = ImportTally(journal: FilePaths.shown(requests.opened.configuration.journal))
    var joining = Joining(known: try file.knownAnswers())
    joining.open = try await wanted(journal, answered: try file.answerCounts(), &tally)
    let reader = AnswerReader()
    let result = await withTaskGroup(of: Void.self) { commits in
      commits.addImmediateTask { @Loop in await journal.run() }
      defer { journal.endNotes() }
      do throws(RunError) {
        for (path, records) in sources {
          var found: [Found] = []
          while let record = try records.next() {
            if let next = join(record, FilePaths.shown(path), &joining, reader, &tally) { found.append(next) }
            if found.count == Self.group { try await store(&found, in: journal) }
          }
          try await store(&found, in: journal)
        }
        return Result<Void, RunError>.success(())
      } catch {
        return .failure(error)
      }
    }
    try result.get()
    return tally
  }

  /// The requests of the job that have no answer, by their identities. An answer more than there are items that ask the same
  /// is none for them; under `dedupe` one serves all.
  private func wanted(
    _ journal: RunJournal, answered: AnswerCounts, _ tally: inout ImportTally
  ) async throws(RunError) -> [RequestIdentity: [Wanted]] {
    var open: [RequestIdentity: [Wanted]] = [:]
    var left = answered
    let shares = requests.opened.job.spec.dedupe
    var apis: [String: WireAPI] = [:]
    let items = try await requests.each { (item) throws(RunError) in
      guard case .request(let request) = item.rendered else { return }
      let identity = requests.identity(of: request)
      if (left[identity] ?? 0) > 0 {
        if !shares { left[identity, default: 0] -= 1 }
        if open[identity] == nil { open[identity] = [] }
        return
      }
      if shares, open[identity] != nil { return }
      let api = apis[request.model] ?? requests.api(of: request.model)
      apis[request.model] = api
      var reference = journal.reference(toPack: item.records, id: item.id)
      reference.request = 1
      open[identity, default: []].append(Wanted(item: reference, model: request.model, api: api))
    }
    tally.items = items
    return open
  }

  /// What a line of the results gives to the journal; nil where it gives nothing, which is told.
  private func join(
    _ record: ItemRecord, _ path: String, _ joining: inout Joining, _ reader: AnswerReader,
    _ tally: inout ImportTally
  ) -> Found? {
    let place = "\(path), line \(record.line)"
    guard case .json(let bytes) = record.content, let line = ResultLine(bytes) else {
      tally.foreign("\(place): this is no line of results")
      return nil
    }
    guard let id = ExportedID(line.customID) else {
      tally.foreign("\(place): the custom_id \"\(line.customID)\" is not of jobrun export")
      return nil
    }
    guard let wanted = joining.open[id.identity] else {
      if id.index > tally.items {
        tally.foreign("\(place): there is no item \(id.index)")
      } else {
        tally.change("\(place): the request of item \(id.index) has changed since the export")
      }
      return nil
    }
    let named = "\(place) (item \(id.index))"
    switch line.outcome {
    case .failed(let words):
      tally.fail("\(named): \(words)")
      return nil
    case .answer(let body, let requestID):
      // Where the input's order has changed, the item is another one that asks the same.
      guard let place = wanted.firstIndex(where: { $0.item.index == id.index }) ?? wanted.indices.last else {
        tally.present += 1
        return nil
      }
      let want = wanted[place]
      do throws(AttemptError) {
        var answer = try reader.read(body, requestID, of: want.api)
        // Items that ask the same want answers of their own: one that came before is none of another item.
        guard joining.answered.insert(line.customID).inserted, !joining.known.take(answer, to: id.identity) else {
          tally.present += 1
          return nil
        }
        answer.model = want.model
        joining.open[id.identity]?.remove(at: place)
        tally.imported += 1
        return Found(answer: answer, identity: id.identity, item: want.item)
      } catch {
        tally.fail("\(named): \(error.errorClass.rawValue): \(error.message)")
        return nil
      }
    }
  }

  /// Stores the answers together.
  private func store(_ found: inout [Found], in journal: RunJournal) async throws(RunError) {
    let answers = found
    found = []
    let failure = await withTaskGroup(of: RunError?.self) { group in
      for next in answers {
        group.addImmediateTask { @Loop in
          do throws(RunError) {
            try await journal.take(next.answer, to: next.identity, for: next.item)
            return nil
          } catch {
            return error
          }
        }
      }
      var first: RunError?
      for await error in group { first = first ?? error }
      return first
    }
    if let failure { throw failure }
  }
}
