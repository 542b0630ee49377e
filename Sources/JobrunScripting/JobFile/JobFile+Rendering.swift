import JobrunModel

extension JobFile {
  /// Whether an item's requests depend on answers: `process` asks as it goes, `prompt` gives the one that there is.
  public var asksAsItGoes: Bool { hooks.prompt == nil }
}
