import JobrunModel

extension JobFile {
  /// Whether an item's requests can be known without an answer: `prompt` gives the one that there is.
  public var rendersRequests: Bool { hooks.prompt != nil && spec.pack == nil }
}
