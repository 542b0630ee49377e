/// The Lua code that runs before a job file: what a script may not do, and how it finds its files.
enum Prelude {
  /// Its argument is the table `host` with functions of Swift; it adds `bad_argument` to it.
  static let source = #"""
    local host = ...
    local error, getinfo, load, loadfile, rawset, select = error, debug.getinfo, load, loadfile, rawset, select
    local concat, open, tostring, type = table.concat, io.open, tostring, type
    local format, gmatch, gsub, sub = string.format, string.gmatch, string.gsub, string.sub

    function host.bad_argument(position, name, parameter, expected, value)
      error(format("bad argument #%d to '%s' (%s: %s expected, got %s)", position, name, parameter, expected,
        host.describe(value)), 3)
    end

    -- Output: standard output carries a job's rows only.

    function print(...)
      local parts = {}
      for i = 1, select("#", ...) do parts[i] = tostring((select(i, ...))) end
      host.print(concat(parts, "\t"))
    end

    if not host.is_script then io.output(io.stderr) end

    -- Code is text, never bytecode.

    string.dump = nil
    os.exit = nil
    debug = { traceback = debug.traceback, getinfo = getinfo }
    package.loaded.debug = debug

    function _G.load(chunk, name, _, ...) return load(chunk, name, "t", ...) end
    function _G.loadfile(path, _, ...) return loadfile(path, "t", ...) end
    function _G.dofile(path)
      local chunk, message = loadfile(path, "t")
      if not chunk then error(message, 0) end
      return chunk()
    end

    -- Files of a job: beside it, then its lua_modules, then $JOBRUN_PATH, then Lua's own paths.

    local places = {}
    local function add_folder(folder, shown)
      places[#places + 1] = { folder, "/?.lua", shown }
      places[#places + 1] = { folder, "/?/init.lua", shown }
    end
    add_folder(host.directory, host.shown_directory)
    add_folder(host.directory .. "/lua_modules", host.shown_directory .. "lua_modules/")
    if host.parent then
      add_folder(host.parent, host.shown_parent)
      add_folder(host.parent .. "/lua_modules", host.shown_parent .. "lua_modules/")
    end
    for entry in gmatch(host.path, "[^;]+") do
      if gsub(entry, "%?", "") ~= entry then
        places[#places + 1] = { "", entry, "" }
      else
        add_folder(entry, entry .. "/")
      end
    end

    local function read(path)
      local file = open(path, "rb")
      if not file then return nil end
      local text = file:read("a")
      file:close()
      return text
    end

    local function compile(name, text, path, shown)
      if sub(text, 1, 3) == "\xEF\xBB\xBF" then text = sub(text, 4) end
      if sub(text, 1, 1) == "#" then text = gsub(text, "^[^\n]*", "", 1) end
      local chunk, message = load(text, "@" .. shown, "t")
      if not chunk then error(format("error loading module '%s' from file '%s':\n\t%s", name, path, message), 0) end
      return chunk, path
    end

    package.searchers[2] = function(name)
      local relative = gsub(name, "%.", "/")
      local tried = {}
      for i = 1, #places do
        local folder, template, shown = places[i][1], places[i][2], places[i][3]
        local file = gsub(template, "%?", (gsub(relative, "%%", "%%%%")))
        local path = folder .. file
        local text = read(path)
        if text then return compile(name, text, path, folder == "" and path or shown .. sub(file, 2)) end
        tried[#tried + 1] = "no file '" .. path .. "'"
      end
      local path, message = package.searchpath(name, package.path)
      if path then return compile(name, read(path) or "", path, path) end
      return concat(tried, "\n\t") .. "\n\t" .. gsub(message, "^[\n\t]+", "")
    end

    -- Numbers drawn by a hook are those of its item.

    local random, randomseed = math.random, math.randomseed
    randomseed(0)
    function math.random(...)
      local a, b = host.seed()
      if a then randomseed(a, b) end
      return random(...)
    end
    function math.randomseed(...)
      host.forget_seed()
      return randomseed(...)
    end

    -- Globals are declared at the top level of a file.

    local declared = {}
    setmetatable(_G, {
      __newindex = function(globals, name, value)
        if not declared[name] then
          local what = getinfo(2, "S").what
          if what ~= "main" and what ~= "C" then
            error(format("global '%s' is created in a function (use `local`, or declare it at the top of the file)",
              tostring(name)), 2)
          end
          declared[name] = true
        end
        rawset(globals, name, value)
      end,
    })
    """#
}
