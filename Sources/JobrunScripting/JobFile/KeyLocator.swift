/// Finds the lines on which a job file sets its fields, from the source alone.
///
/// It reads the constructor of the table that the file returns (`return { … }`, or the variable of `return job`
/// with its later `job.timeouts = …`). What is set elsewhere, in a loop or another file, has the line of the
/// enclosing field, and at last that of the `return`.
struct KeyLocator {
  /// The line of the file's `return`; the last line where there is none.
  private(set) var returnLine = 1
  private var lines: [FieldPath: Int] = [:]
  private let tokens: [LuaToken]

  /// Tables nested deeper than this are not looked into.
  private static let depthLimit = 32

  init(source: [UInt8]) {
    tokens = LuaLexer.tokens(of: source)
    guard let returned = Self.lastReturn(in: tokens) else {
      returnLine = tokens.last?.line ?? 1
      return
    }
    returnLine = tokens[returned].line
    if case .name(let variable)? = kind(returned + 1), isStatementEnd(returned + 2) {
      readAssignments(to: variable)
    } else if let brace = tokens[returned...].firstIndex(where: { $0.kind == .symbol("{") }) {
      readConstructor(at: brace, path: .job, depth: 0)
    }
  }

  /// The line of the field, else of what encloses it, else of the `return`.
  func line(of path: FieldPath) -> Int {
    var path = path
    while true {
      if let line = lines[path] { return line }
      guard let parent = path.parent else { return returnLine }
      path = parent
    }
  }

  /// How a token changes the nesting of blocks and brackets.
  private static func nesting(of kind: LuaToken.Kind) -> Int {
    switch kind {
    case .symbol("{"), .symbol("("), .symbol("["): 1
    case .symbol("}"), .symbol(")"), .symbol("]"): -1
    case .name("function"), .name("if"), .name("do"), .name("repeat"): 1
    case .name("end"), .name("until"): -1
    default: 0
    }
  }

  private static func lastReturn(in tokens: [LuaToken]) -> Int? {
    var depth = 0
    var found: Int?
    for (index, token) in tokens.enumerated() {
      depth += nesting(of: token.kind)
      if depth == 0, token.kind == .name("return") { found = index }
    }
    return found
  }

  private func kind(_ index: Int) -> LuaToken.Kind? {
    tokens.indices.contains(index) ? tokens[index].kind : nil
  }

  private func isStatementEnd(_ index: Int) -> Bool { kind(index) == nil || kind(index) == .symbol(";") }

  /// Reads `name = {…}`, `name.a.b = …`, `name["a"] = …` and `function name.a(…)` anywhere in the file.
  private mutating func readAssignments(to variable: String) {
    for index in tokens.indices where tokens[index].kind == .name(variable) {
      if kind(index - 1) == .symbol(".") || kind(index - 1) == .symbol(":") { continue }
      let isFunction = kind(index - 1) == .name("function")
      var path = FieldPath.job
      var next = index + 1
      while let (component, after) = suffix(at: next) {
        path = path.appending(component)
        next = after
      }
      if kind(next) == .symbol("<") { next += 3 }  // `local job <const> =`
      if isFunction || kind(next) == .symbol("=") {
        if path != .job { lines[path] = tokens[index].line }
        if kind(next + 1) == .symbol("{") { readConstructor(at: next + 1, path: path, depth: 0) }
      }
    }
  }

  /// `.name` or `["name"]` at `index`, and the index behind it.
  private func suffix(at index: Int) -> (FieldPath.Component, Int)? {
    switch (kind(index), kind(index + 1), kind(index + 2)) {
    case (.symbol("."), .name(let key), _): (.key(key), index + 2)
    case (.symbol("["), .string(let key), .symbol("]")): (.key(key), index + 3)
    case (.symbol("["), .number(let digits), .symbol("]")): Int(digits).map { (.index($0), index + 3) }
    default: nil
    }
  }

  private mutating func readConstructor(at brace: Int, path: FieldPath, depth: Int) {
    guard depth < Self.depthLimit else { return }
    var index = brace + 1
    var position = 0
    while let kind = kind(index), kind != .symbol("}") {
      let entry = self.entry(at: index)
      let component: FieldPath.Component?
      if entry.isPositional {
        position += 1
        component = .index(position)
      } else {
        component = entry.component
      }
      if let component {
        let inner = path.appending(component)
        lines[inner] = tokens[index].line
        if self.kind(entry.value) == .symbol("{") { readConstructor(at: entry.value, path: inner, depth: depth + 1) }
      }
      index = endOfValue(entry.value)
      if self.kind(index) == .symbol(",") || self.kind(index) == .symbol(";") { index += 1 }
    }
  }

  /// The key at `index` of a constructor (nil for a computed one) and where its value begins.
  private func entry(at index: Int) -> (component: FieldPath.Component?, value: Int, isPositional: Bool) {
    if case .name(let key)? = kind(index), kind(index + 1) == .symbol("=") { return (.key(key), index + 2, false) }
    guard kind(index) == .symbol("[") else { return (nil, index, true) }
    if let (component, after) = suffix(at: index), kind(after) == .symbol("=") { return (component, after + 1, false) }
    var after = index
    while let kind = kind(after), kind != .symbol("=") { after += 1 }
    return (nil, after + 1, false)
  }

  /// The index of the `,`, `;` or `}` behind the value that begins at `start`; beyond `start` where there is a value.
  private func endOfValue(_ start: Int) -> Int {
    var depth = 0
    var index = start
    while let kind = kind(index) {
      if depth == 0, kind == .symbol(",") || kind == .symbol(";") || kind == .symbol("}") { return index }
      depth += Self.nesting(of: kind)
      if depth < 0 { return index + 1 }
      index += 1
    }
    return index
  }
}
