internal import ArgumentParser
internal import JobrunScripting

/// `jobrun types`: the editor's knowledge of the job API.
struct TypesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "types", abstract: "Print the LuaCATS types of the job API, for lua-language-server.")

  func run() { print(LuaTypes.generate(), terminator: "") }
}
