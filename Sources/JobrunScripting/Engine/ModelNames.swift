import JobrunModel

/// Which models a job's requests may name, and how the provider calls them.
struct ModelNames {
  /// The job's `model`: the model of requests that name none, then those to ask where it is out or gave up.
  private(set) var list: [String]
  /// The provider's names by the job's; nil: any name may be asked, as it is.
  private let names: [String: String]?

  init(_ list: [String], models: [ModelSpec]?) {
    self.list = list
    names = models.map { Dictionary($0.map { ($0.key, $0.name) }) { first, _ in first } }
  }

  /// The same names with another `model`.
  func with(_ list: [String]) -> ModelNames {
    var models = self
    models.list = list
    return models
  }

  var first: String? { list.first }

  /// Requests carry another name than the job's, or go to several models.
  var areRenamed: Bool { names != nil || list.count > 1 }

  /// The models to ask after `key`: those of the job's list, where the request asks its first.
  func fallbacks(of key: String) -> ArraySlice<String> {
    list.count > 1 && key == list.first ? list.dropFirst() : []
  }

  /// How the provider calls a model.
  func name(of key: String) throws(BadHookResult) -> String {
    guard let names else { return key }
    if let name = names[key] { return name }
    throw BadHookResult(
      "the request names the model \"\(key)\", which is not in `models`"
        + NameSuggestion.hint(for: key, among: names.keys.sorted()))
  }
}
