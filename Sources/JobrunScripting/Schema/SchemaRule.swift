import LuaBridge

/// One thing that a schema asks of a value. Other schemas are indices into the list of all.
enum SchemaRule: Sendable {
  case never
  case type(SchemaTypes)
  case values(SchemaValues)

  case bound(SchemaBound, SchemaNumber)
  case multiple(of: SchemaNumber)

  /// In characters.
  case length(SchemaCount)
  case pattern(TextPattern)

  case members(SchemaMembers)
  case memberCount(SchemaCount)
  case required([JSONNode])
  case memberNames(Int)
  /// Where the key is there, the others must be.
  case dependentKeys(key: JSONNode, others: [JSONNode])
  case dependentSchema(key: JSONNode, Int)

  /// A schema for each of the first elements, and one for the rest.
  case elements(first: [Int], rest: Int?)
  case elementCount(SchemaCount)
  case contains(Int, SchemaCount)
  case unique

  case reference(Int)
  case all([Int])
  case any([Int])
  case one([Int])
  case not(Int)
  case condition(if: Int, then: Int?, else: Int?)

  /// The schemas that are asked of the same value, not of a part of it.
  var inPlace: [Int] {
    switch self {
    case .reference(let schema), .not(let schema), .dependentSchema(_, let schema): [schema]
    case .all(let schemas), .any(let schemas), .one(let schemas): schemas
    case .condition(let condition, let then, let otherwise): [condition] + [then, otherwise].compactMap { $0 }
    default: []
    }
  }

  var isOfArrays: Bool {
    switch self {
    case .elements, .elementCount, .contains, .unique: true
    default: false
    }
  }

  var isOfObjects: Bool {
    switch self {
    case .members, .memberCount, .required, .memberNames, .dependentKeys, .dependentSchema: true
    default: false
    }
  }
}

/// A schema: all of its rules must hold.
struct SchemaNode: Sendable {
  var rules: [SchemaRule] = []
  /// OpenAPI's `nullable`: null fits, whatever the rules say.
  var isNullable = false
  /// An empty Lua table without a mark is a list here, not an object.
  var takesEmptyAsArray = false
}

enum SchemaBound: Sendable { case atLeast, moreThan, atMost, lessThan }

/// How many there may be.
struct SchemaCount: Sendable {
  var least = 0
  var most = Int.max

  func contains(_ count: Int) -> Bool { count >= least && count <= most }
}

/// The keys of an object and what their values must fit.
struct SchemaMembers: Sendable {
  /// Sorted by key.
  var named: [(key: JSONNode, schema: Int)] = []
  var patterns: [(pattern: TextPattern, schema: Int)] = []
  /// For keys that are neither named nor match a pattern.
  var others: Int?

  func schema(named key: UnsafeRawBufferPointer) -> Int? {
    var low = 0
    var high = named.count
    while low < high {
      let middle = (low + high) / 2
      let order = named[middle].key.utf8.order(to: key)
      if order == 0 { return named[middle].schema }
      if order < 0 { low = middle + 1 } else { high = middle }
    }
    return nil
  }
}

/// The values of `enum` or `const`.
struct SchemaValues: Sendable {
  var nodes: [JSONNode]
  private var hashes: Set<Int>
  /// The same where empty lists and empty objects are alike, as they are in Lua.
  private var hashesOfLua: Set<Int>

  init(_ nodes: [JSONNode]) {
    self.nodes = nodes
    hashes = Set(nodes.map { $0.valueHash() })
    hashesOfLua = Set(nodes.map { $0.valueHash(emptiesAlike: true) })
  }

  /// - Parameter isOfLua: Empty tables are lists as well as objects.
  func contain(_ value: JSONNode, isOfLua: Bool) -> Bool {
    if hashes.contains(value.valueHash()) { return true }
    return isOfLua && hashesOfLua.contains(value.valueHash(emptiesAlike: true))
  }
}
