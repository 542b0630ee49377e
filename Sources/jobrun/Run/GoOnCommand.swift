/// The command that goes on with a run that ended early.
enum GoOnCommand {
  /// This process's own command, quoted for a shell, without what holds only once: `--fresh` would set aside what was
  /// bought.
  static var text: String { text(CommandLine.arguments) }

  static func text(_ arguments: [String]) -> String {
    arguments.enumerated().filter { $0.offset == 0 || $0.element != "--fresh" }.map { quoted($0.element) }
      .joined(separator: " ")
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
