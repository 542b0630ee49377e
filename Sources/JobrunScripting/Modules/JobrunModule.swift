import JobrunModel
import LuaBridge

/// The module `jobrun`, which is a global too, and the tables inside it.
enum JobrunModule {
  /// The module itself first.
  static var all: [HostModule] { [root, JSONModule.module, LogModule.module] }

  static var root: HostModule {
    HostModule(
      name: "jobrun", doc: "What a script has beside Lua's own libraries.",
      functions: [array, object, rows, env, readFile, base64, sorted, template, sha256, counter, countTokens],
      values: [
        HostValue("null", type: "lightuserdata", "The null of JSON. It is true in an `if`.") { _, thread in
          thread.pushNull()
        },
        HostValue("version", type: "string", "The program's version.") { services, thread in
          thread.push(services.host.version)
        },
      ])
  }

  private static var array: HostEntry<HostServices> {
    HostEntry(
      "array", [HostParameter("t", .table, isOptional: true)], returns: "table",
      "Marks a table (a new one without an argument) as a list, so that an empty one is written as `[]`; returns it.",
      body: .swift { _, call throws(HostError) in
        pushTable(of: call)
        call.thread.markArray(at: -1)
        return .values(1)
      })
  }

  private static var object: HostEntry<HostServices> {
    HostEntry(
      "object", [HostParameter("t", .table, isOptional: true)], returns: "table",
      "Marks a table (a new one without an argument) as an object, whose number keys are written as strings; returns it.",
      body: .swift { _, call throws(HostError) in
        pushTable(of: call)
        call.thread.markObject(at: -1)
        return .values(1)
      })
  }

  @Loop
  private static func pushTable(of call: HostCall) {
    if call.count > 0, call.thread.type(at: 1) == .table {
      call.thread.pushCopy(at: 1)
    } else {
      call.thread.newTable()
    }
  }

  private static var env: HostEntry<HostServices> {
    HostEntry(
      "env", [HostParameter("name", .string)], returns: "string?",
      "The value of an environment variable; nil where it is not set.",
      body: .swift { services, call throws(HostError) in
        if let value = services.host.environment(call.thread.string(at: 1) ?? "") {
          call.thread.push(value)
        } else {
          call.thread.pushNil()
        }
        return .values(1)
      })
  }

  private static var readFile: HostEntry<HostServices> {
    HostEntry(
      "read_file", [HostParameter("path", .string)], returns: "string",
      "The contents of a file; a relative path begins at the job file's folder. Raises where it cannot be read.",
      body: .swift { services, call throws(HostError) in
        let path = call.thread.string(at: 1) ?? ""
        do throws(FilePath.ReadError) {
          let resolved = FilePath.resolve(path, in: services.directory)
          call.thread.push(try FilePath.contents(of: resolved, limit: services.memoryLimit))
        } catch {
          throw .message("read_file: \(path): \(error.reason)")
        }
        return .values(1)
      })
  }

  private static var base64: HostEntry<HostServices> {
    HostEntry(
      "base64", [HostParameter("s", .string)], returns: "string", "The bytes of a string in Base64, with padding.",
      body: .swift { _, call throws(HostError) in
        call.thread.push(Base64.encode(call.thread.bytes(at: 1) ?? []))
        return .values(1)
      })
  }

  private static var sha256: HostEntry<HostServices> {
    HostEntry(
      "sha256", [HostParameter("s", .string)], returns: "string", "The SHA-256 of a string, in hexadecimal.",
      body: .swift { _, call throws(HostError) in
        call.thread.push(Digest.sha256(call.thread.bytes(at: 1) ?? []))
        return .values(1)
      })
  }

  private static var template: HostEntry<HostServices> {
    HostEntry(
      "template", [HostParameter("text", .string), HostParameter("values", .table)], returns: "string",
      "Puts the values into the text in place of `{{name}}`. Raises where there is no such value.",
      body: .swift { _, call throws(HostError) in
        let template = Template(call.thread.bytes(at: 1) ?? [])
        let rendered = try template.render { name throws(HostError) in try value(of: name, in: call) }
        call.thread.push(rendered)
        return .values(1)
      })
  }

  @Loop
  private static func value(of name: String, in call: HostCall) throws(HostError) -> [UInt8] {
    let type = call.thread.field(name, of: 2)
    defer { call.thread.pop() }
    switch type {
    case .string: return call.thread.bytes(at: -1) ?? []
    case .number, .boolean: return Array(call.thread.display(at: -1).utf8)
    default:
      let names = call.thread.value(at: 2, depth: 1).table?.entries.compactMap(\.key.text) ?? []
      let hint = type == .nil ? NameSuggestion.hint(for: name, among: names) : ""
      throw .message(
        "template: a string or number expected for {{\(name)}}, got \(call.thread.describe(at: -1))\(hint)")
    }
  }

  private static var sorted: HostEntry<HostServices> {
    HostEntry(
      "sorted", [HostParameter("t", .table)], returns: "fun(): any, any",
      "Like `pairs`, in the order of the keys: numbers first, then strings. The order is the same in every run.",
      body: .lua(
        """
          local keys = {}
          for key in pairs(t) do
            if type(key) ~= "string" and type(key) ~= "number" then
              error("sorted: strings or numbers expected as keys, got " .. host.describe(key), 2)
            end
            keys[#keys + 1] = key
          end
          table.sort(keys, function(a, b)
            if type(a) == type(b) then return a < b end
            return type(a) == "number"
          end)
          local position = 0
          return function()
            position = position + 1
            local key = keys[position]
            if key ~= nil then return key, t[key] end
          end
        """))
  }

  private static var rows: HostEntry<HostServices> {
    HostEntry(
      "rows", [HostParameter("source", .stringOrTable, type: "string|JobrunInput")], returns: "fun(): JobrunItem?",
      "An iterator over the items of an input, given as in the field `input`. It reads from the disk where it stands.",
      body: .lua(
        """
          local handle = host.rows_open(source)
          local function close() host.rows_close(handle) end
          local guard = setmetatable({}, { __gc = close, __close = close })
          local function next_row() return guard and host.rows_next(handle) or nil end
          return next_row, nil, nil, guard
        """))
  }
}
