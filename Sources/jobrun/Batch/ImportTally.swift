/// What an import led to.
struct ImportTally {
  var journal: String
  /// Items of the job.
  var items = 0
  var imported = 0
  /// Answers to requests that have as many already.
  var present = 0
  private(set) var failed = 0
  private(set) var changed = 0
  private(set) var unknown = 0
  private var notices: [String] = []
  private static let mostNotices = 20

  init(journal: String) { self.journal = journal }

  /// A line that belongs to no item.
  mutating func foreign(_ text: String) {
    unknown += 1
    note(text)
  }

  /// A result of a request that its item has no longer.
  mutating func change(_ text: String) {
    changed += 1
    note(text)
  }

  mutating func fail(_ text: String) {
    failed += 1
    note(text)
  }

  private mutating func note(_ text: String) {
    if notices.count < Self.mostNotices { notices.append(text) }
  }

  /// Some lines belong to the job as it is now; or there are none.
  var isOfTheJob: Bool { imported + present + failed > 0 || changed + unknown == 0 }

  var hasAnswers: Bool { imported + present > 0 || failed == 0 }

  /// For a person.
  var lines: [String] {
    let parts = [
      (present, "there already"), (failed, "failed, to be asked"), (changed, "of requests that have changed"),
      (unknown, "of no item"),
    ].filter { $0.0 > 0 }.map { "\(Figures.grouped($0.0)) \($0.1)" }
    let told = failed + changed + unknown
    let head = "imported \(imported == 1 ? "1 answer" : "\(Figures.grouped(imported)) answers") into \(journal)"
    return [head + (parts.isEmpty ? "" : "; " + parts.joined(separator: ", "))] + notices.map { "  " + $0 }
      + (told > notices.count ? ["  … and \(Figures.grouped(told - notices.count)) more like these"] : [])
  }
}
