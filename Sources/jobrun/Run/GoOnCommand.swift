/// The command that goes on with a run that ended early.
enum GoOnCommand {
  /// This process's own command, quoted for a shell, without what holds only once: `--fresh` would set aside what was
  /// bought.
  ///
  /// - Parameter isWhole: The run went through the whole input: what `--offline` or `--failed` left is for a run without.
  static func text(isWhole: Bool) -> String { text(CommandLine.arguments, isWhole: isWhole) }

  static func text(_ arguments: [String], isWhole: Bool) -> String {
    let dropped = isWhole ? ["--fresh", "--offline", "--failed"] : ["--fresh"]
    return arguments.enumerated().filter { $0.offset == 0 || !dropped.contains($0.element) }
      .map { quoted($0.element) }.joined(separator: " ")
  }

  private static func quoted(_ word: String) -> String {
    let plain =
      !word.isEmpty
      && word.utf8.allSatisfy { byte in
        byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") || byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
          || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") || "_-./=:,@%+".utf8.contains(byte)
      }
    return plain
      ? word : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}
