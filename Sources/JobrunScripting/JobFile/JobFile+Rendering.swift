import JobrunModel

extension JobFile {
  /// Whether an item's requests depend on answers: `process` asks as it goes, `prompt` gives the one that there is.
  public var asksAsItGoes: Bool { hooks.prompt == nil }

  /// The requests come from `prompt`, of items or of packs, and not from `process`.
  public var hasPrompt: Bool { hooks.prompt != nil }
}
