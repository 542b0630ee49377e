/// A place in the table that a job file returns, such as `job.timeouts.total` or `job.use[1].on_request`.
struct FieldPath: Hashable {
  enum Component: Hashable {
    case key(String)
    case index(Int)
  }

  /// The job's own table.
  static let job = FieldPath()

  private(set) var components: [Component] = []

  /// The enclosing table's place; nil for the job itself.
  var parent: FieldPath? {
    guard !components.isEmpty else { return nil }
    var path = self
    path.components.removeLast()
    return path
  }

  func appending(_ component: Component) -> FieldPath {
    var path = self
    path.components.append(component)
    return path
  }

  func appending(_ key: String) -> FieldPath { appending(.key(key)) }
}

extension FieldPath: CustomStringConvertible {
  var description: String {
    components.reduce(into: "job") { text, component in
      switch component {
      case .key(let key) where Self.isName(key): text += ".\(key)"
      case .key(let key): text += "[\"\(key)\"]"
      case .index(let index): text += "[\(index)]"
      }
    }
  }

  private static func isName(_ key: String) -> Bool {
    guard let first = key.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
    return key.utf8.allSatisfy(LuaLexer.isNameByte)
  }
}
