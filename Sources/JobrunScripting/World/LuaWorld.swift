import JobrunModel
import LuaBridge

/// A Lua state made ready for one job file: libraries, prelude, module `jobrun`.
@Loop
final class LuaWorld {
  let state: LuaState
  let services: HostServices
  /// The table `host` of the prelude.
  private let host: LuaReference

  /// How long the host's own Lua code and a job file's top level may compute.
  static let loadBudget = Duration.seconds(30)

  /// - Parameters:
  ///   - path: The job file, absolute.
  ///   - displayPath: The job file as its user named it.
  ///   - purpose: What the file is, where it is no job.
  init(
    path: String, displayPath: String, host: ScriptHost, memoryLimit: Int, purpose: WorldPurpose = .job
  ) throws(LuaError) {
    let services = HostServices(host: host, directory: FilePath.directory(of: path), memoryLimit: memoryLimit)
    self.services = services
    state = try LuaState(memoryLimit: memoryLimit)
    services.counterType = CounterObject.type(in: state, services)
    self.host = state.table(of: PreludeHost.functions(services))
    try installPrelude(displayPath: displayPath, purpose: purpose)
    let modules = JobrunModule.all
    guard let root = modules.first else { return }
    let table = try makeTable(of: root)
    for module in modules.dropFirst() {
      state.main.push(table)
      state.main.push(try makeTable(of: module))
      state.main.setField(String(module.name.split(separator: ".").last ?? ""))
      state.main.pop()
    }
    try installModule(table)
  }

  private func installPrelude(displayPath: String, purpose: WorldPurpose) throws(LuaError) {
    let main = state.main
    main.push(host)
    main.push(services.directory)
    main.setField("directory")
    let shown = FilePath.directory(of: displayPath)
    main.push(shown == "." && !displayPath.hasPrefix("./") ? "" : shown.hasSuffix("/") ? shown : shown + "/")
    main.setField("shown_directory")
    main.push(services.host.environment("JOBRUN_PATH") ?? "")
    main.setField("path")
    purpose.describe(on: main)
    main.pop()
    _ = try run(Prelude.source, name: "=jobrun")
  }

  /// Makes `jobrun` a global and what `require "jobrun"` returns.
  private func installModule(_ table: LuaReference) throws(LuaError) {
    let main = state.main
    main.push(host)
    main.push(table)
    main.setField("module")
    main.pop()
    let source = "local host = ... package.loaded.jobrun = host.module rawset(_G, 'jobrun', host.module)"
    _ = try run(source, name: "=jobrun")
  }

  func makeTable(of module: HostModule) throws(LuaError) -> LuaReference {
    let services = services
    let functions = module.functions.compactMap { entry -> HostFunction? in
      guard case .swift(let body) = entry.body else { return nil }
      return HostFunction(entry.name) { call throws(HostError) in
        try entry.checkArguments(of: call)
        return try body(services, call)
      }
    }
    let table = state.table(of: functions)
    let main = state.main
    if let source = module.luaSource, let written = try run(source, name: "=jobrun") {
      main.push(written)
      main.push(table)
      for entry in module.functions {
        guard case .lua = entry.body else { continue }
        main.field(entry.name, of: -2)
        main.setField(entry.name)
      }
      main.pop(2)
    }
    main.push(table)
    for value in module.values {
      value.push(services, main)
      main.setField(value.name)
    }
    main.pop()
    return table
  }

  /// Runs a chunk of the host's own with the table `host`, and returns its first result.
  private func run(_ source: String, name: String) throws(LuaError) -> LuaReference? {
    try run(try state.load(Array(source.utf8), chunkName: name), argument: host)
  }

  /// Calls a function as a job file's top level, and returns its first result; nil where it returned nothing.
  func run(_ function: LuaReference, argument: LuaReference? = nil) throws(LuaError) -> LuaReference? {
    let state = state
    return try state.call(
      function, budget: Self.loadBudget,
      push: { thread throws(LuaError) in
        guard let argument else { return 0 }
        thread.push(argument)
        return 1
      },
      results: { thread, first, count throws(LuaError) in
        guard count > 0 else { return nil }
        thread.pushCopy(at: first)
        return state.reference(popping: thread)
      })
  }

  /// Calls a hook library that is a function, with an empty table, and returns a copy of its result.
  func snapshot(callingWithoutOptions function: LuaReference) throws(LuaError) -> LuaValue {
    try state.call(
      function, budget: Self.loadBudget,
      push: { thread throws(LuaError) in
        thread.newTable()
        return 1
      },
      results: { thread, first, count throws(LuaError) in count > 0 ? thread.value(at: first) : .nil })
  }

  /// A value in words.
  func describe(_ value: LuaReference) -> String {
    state.main.push(value)
    defer { state.main.pop() }
    return state.main.describe(at: -1)
  }

  /// Where a function is defined, such as `jobs/x.lua:12`.
  func position(of function: LuaReference) -> String? {
    state.main.push(function)
    defer { state.main.pop() }
    return state.main.definition(at: -1).map { "\($0.file):\($0.line)" }
  }
}
