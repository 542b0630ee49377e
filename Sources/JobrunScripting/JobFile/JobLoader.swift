import JobrunModel
import LuaBridge

/// The steps from a job file's text to a checked job.
@Loop
struct JobLoader {
  /// What a load gives.
  struct Loaded {
    var spec: JobSpec
    var world: LuaWorld
    var hooks: HookSet
    var defaults: [(name: String, value: RequestBuilder.Default)]
    var parameters: LuaReference
    var schema: AnswerSchema?
    /// The job's `input` where that is a function.
    var inputFunction: LuaReference?
  }

  /// Absolute.
  let path: String
  let displayPath: String
  let source: [UInt8]
  let host: ScriptHost

  func load() throws(JobProblems) -> Loaded {
    let world: LuaWorld
    let returned: LuaReference?
    do {
      world = try LuaWorld(path: path, displayPath: displayPath, host: host, memoryLimit: HookLimits().memoryBytes)
      let chunk = try world.state.load(LuaSource.prepared(source), chunkName: "@\(displayPath)")
      returned = try world.run(chunk)
    } catch {
      throw JobProblems([error.message], traceback: error.traceback)
    }
    return try check(returned, in: world)
  }

  func check(_ returned: LuaReference?, in world: LuaWorld) throws(JobProblems) -> Loaded {
    let locator = KeyLocator(source: source)
    guard let returned, returned.type == .table else {
      let got = returned.map { world.describe($0) } ?? "nothing (forgot `return`?)"
      throw JobProblems(["\(displayPath):\(locator.returnLine): a job file returns one table, got \(got)"])
    }
    let main = world.state.main
    let base = main.top
    defer { main.setTop(base) }
    main.push(returned)

    var validator = JobValidator()
    let libraries = libraries(at: base + 1, in: world, validator: &validator)
    var job = main.value(at: base + 1).table ?? LuaTableValue()
    if let position = job.entries.firstIndex(where: { $0.key.text == "use" }), let libraries {
      job.entries[position].value = .table(libraries)
    }
    validator.checkJob(job)
    let defaults = defaults(at: base + 1, in: world, validator: &validator)
    let schema = schema(at: base + 1, in: world, validator: &validator)
    var reader = JobSpecReader(directory: world.services.directory)
    let spec = reader.spec(from: job, path: path)
    let problems = validator.problems + reader.problems
    if !problems.isEmpty { throw JobProblems(problems, in: displayPath, locator: locator) }

    world.state.memoryLimit = spec.hook.memoryBytes
    world.services.memoryLimit = spec.hook.memoryBytes
    let hooks = HookSet(job: job, libraries: libraries?.entries.compactMap(\.value.table) ?? []) { function in
      world.position(of: function)
    }
    if main.field("params", of: base + 1) != .table { main.newTable() }
    let parameters = world.state.reference(popping: main)
    var loaded = Loaded(
      spec: spec, world: world, hooks: hooks, defaults: defaults, parameters: parameters, schema: schema)
    if case .function(let function)? = job["input"] { loaded.inputFunction = function }
    return loaded
  }

  /// The tables of `use`: a function in it is called without options. Nil where `use` is no list.
  ///
  /// Stack: [..] -> [..]; the job's table is at `job`.
  private func libraries(
    at job: Int32, in world: LuaWorld, validator: inout JobValidator
  ) -> LuaTableValue? {
    let main = world.state.main
    main.field("use", of: job)
    defer { main.pop() }
    guard var list = main.value(at: -1).table else { return nil }
    for position in list.entries.indices {
      guard case .function(let function) = list.entries[position].value else { continue }
      let path = FieldPath.job.appending("use").appending(.index(position + 1))
      do {
        list.entries[position].value = try world.snapshot(callingWithoutOptions: function)
      } catch {
        validator.note("a function that failed without options: \(error.message)", at: path)
        list.entries[position].value = .table(LuaTableValue())
      }
    }
    return list
  }

  /// The job's `schema`, once it is one.
  private func schema(at job: Int32, in world: LuaWorld, validator: inout JobValidator) -> AnswerSchema? {
    let main = world.state.main
    let type = main.field("schema", of: job)
    defer { main.pop() }
    guard type == .table else { return nil }
    do {
      // What contains itself is refused here, before anybody walks it.
      _ = try main.encodeJSON(at: -1)
      SchemaLists.mark(schemaAt: main.top, on: main)
      return try AnswerSchema(json: try main.encodeJSON(at: -1))
    } catch {
      validator.note("\(error)", at: .job.appending("schema"))
      return nil
    }
  }

  /// The values of `defaults`, each fit to be JSON.
  private func defaults(
    at job: Int32, in world: LuaWorld, validator: inout JobValidator
  ) -> [(name: String, value: RequestBuilder.Default)] {
    let main = world.state.main
    main.field("defaults", of: job)
    defer { main.pop() }
    let table = main.top
    guard let names = main.value(at: table, depth: 1).table?.entries.compactMap(\.key.text) else { return [] }
    var defaults: [(name: String, value: RequestBuilder.Default)] = []
    for name in names {
      let type = main.field(name, of: table)
      defer { main.pop() }
      do {
        let bytes = try main.encodeJSON(at: -1)
        defaults.append((name, type == .table ? .json(bytes) : .scalar(main.value(at: -1))))
      } catch {
        validator.note("a value that can be JSON expected: \(error)", at: .job.appending("defaults").appending(name))
      }
    }
    return defaults
  }
}

/// The text of a Lua file, as the compiler takes it.
enum LuaSource {
  /// Without a byte order mark, and with an empty line in place of `#!…`.
  static func prepared(_ source: [UInt8]) -> [UInt8] {
    var text = source[...]
    if text.starts(with: [0xef, 0xbb, 0xbf]) { text = text.dropFirst(3) }
    if text.first == UInt8(ascii: "#") { text = text.drop { $0 != UInt8(ascii: "\n") } }
    return Array(text)
  }
}
