import LuaBridge

/// Checks the table of a job file against the fields there are, and notes everything that is wrong.
struct JobValidator {
  private(set) var problems: [JobProblem] = []

  mutating func note(_ message: String, at path: FieldPath) {
    problems.append(JobProblem(path: path, message: message))
  }

  /// Checks a job; its hook libraries too, where they are tables.
  mutating func checkJob(_ job: LuaTableValue) {
    check(job, fields: JobFields.job, at: .job)
  }

  /// Checks an input, as `job.input`.
  mutating func checkInput(_ value: LuaValue) {
    check(value, type: JobFields.inputType, at: .job.appending("input"))
  }

  /// Checks what `run:set` gets, as the fields of a job.
  mutating func checkSettings(_ settings: LuaTableValue) {
    check(settings, fields: JobFields.runSettings, at: .job)
  }

  private mutating func check(_ table: LuaTableValue, fields: [FieldSpec], at path: FieldPath) {
    for (key, value) in table.entries {
      guard let name = key.text else {
        let place = key.wholeNumber.map { path.appending(.index($0)) } ?? path
        note(key.wholeNumber == nil ? "unknown key \(key.described)" : "unknown key", at: place)
        continue
      }
      if let field = fields.first(where: { $0.name == name }) {
        check(value, type: field.type, at: path.appending(name))
      } else {
        note("unknown key\(NameSuggestion.hint(for: name, among: fields.map(\.name)))", at: path.appending(name))
      }
    }
    for field in fields where field.isRequired && table[field.name] == nil {
      if case .hook(let hook) = field.type {
        note("a job needs `\(hook.rawValue)`", at: path.appending(field.name))
      } else {
        note("\(field.type.expectation) expected, got nil", at: path.appending(field.name))
      }
    }
  }

  private mutating func check(_ value: LuaValue, type: FieldType, at path: FieldPath) {
    switch (type, value) {
    case (.host, .table(let library)): checkLibrary(library, at: path)
    case (.host, _): expect("a table of hooks", got: value, at: path)
    case (.table(_, let fields), .table(let table)): check(table, fields: fields, at: path)
    case (.map(let element), .table(let table)): checkMap(table, of: element, at: path)
    case (.list(let element), .table(let table)): checkList(table, of: element, at: path)
    case (.either(let types), _):
      if let fitting = types.first(where: { $0.hasShape(of: value) }) {
        check(value, type: fitting, at: path)
      } else {
        expect(type.expectation, got: value, at: path)
      }
    case (.string, .string(let bytes)):
      if bytes.isEmpty { note("a string that is not empty expected, got \"\"", at: path) }
    default: if !type.accepts(value) { expect(type.expectation, got: value, at: path) }
    }
  }

  private mutating func expect(_ expected: String, got value: LuaValue, at path: FieldPath) {
    note("\(expected) expected, got \(value.described)", at: path)
  }

  private mutating func checkMap(_ table: LuaTableValue, of element: FieldType, at path: FieldPath) {
    for (key, value) in table.entries {
      guard let name = key.text else {
        note("strings expected as keys, got \(key.described)", at: path)
        return
      }
      check(value, type: element, at: path.appending(name))
    }
  }

  private mutating func checkList(_ table: LuaTableValue, of element: FieldType, at path: FieldPath) {
    for (position, entry) in table.entries.enumerated() {
      guard entry.key.wholeNumber == position + 1 else {
        note("list expected, got a table with the key \(entry.key.described)", at: path)
        return
      }
      check(entry.value, type: element, at: path.appending(.index(position + 1)))
    }
  }

  private mutating func checkLibrary(_ library: LuaTableValue, at path: FieldPath) {
    var hooks = library
    hooks.entries.removeAll { entry in
      guard let name = entry.key.text, let hook = Hook(rawValue: name), !hook.isInLibraries else { return false }
      note("a hook library has no `\(name)`: it belongs in the job file", at: path.appending(name))
      return true
    }
    check(hooks, fields: JobFields.library, at: path)
  }
}

extension FieldType {
  /// Whether the value is of the type's kind, so that this alternative is meant.
  fileprivate func hasShape(of value: LuaValue) -> Bool {
    switch (self, value) {
    case (.string, .string), (.table, .table), (.map, .table), (.list, .table): true
    default: accepts(value)
    }
  }

  fileprivate func accepts(_ value: LuaValue) -> Bool {
    switch (self, value) {
    case (.any, _), (.boolean, .boolean), (.hook, .function), (.function, .function): true
    case (.positiveNumber, _): value.number.map { $0 > 0 && $0.isFinite } ?? false
    case (.nonNegativeNumber, _): value.number.map { $0 >= 0 && $0.isFinite } ?? false
    case (.wholeNumber(let range), _): value.wholeNumber.map(range.contains) ?? false
    case (.oneOf(let names), _): value.text.map(names.contains) ?? false
    default: false
    }
  }
}
