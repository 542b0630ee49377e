/// The settings of other tools that `jobrun init` writes.
enum StarterSettings {
  /// For lua-language-server.
  static let languageServer = """
    {
      "$schema": "https://raw.githubusercontent.com/LuaLS/vscode-lua/master/setting/schema.json",
      "runtime.version": "Lua 5.4",
      "runtime.path": ["?.lua", "?/init.lua", "jobs/?.lua", "jobs/?/init.lua", "jobs/lua_modules/?.lua"],
      "workspace.library": ["types"],
      "workspace.checkThirdParty": false,
      "diagnostics.globals": ["jobrun"]
    }

    """

  static let luacheck = """
    std = "lua54"
    read_globals = { "jobrun" }
    ignore = { "212" }                  -- a hook need not use all that it is given
    exclude_files = { "types" }         -- written by `jobrun types`

    """

  static let gitignore = """
    out/
    .env

    """
}
