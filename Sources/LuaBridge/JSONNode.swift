import CLuaShims

/// A value on a `JSONTape`, valid as long as the tape is.
public struct JSONNode {
  public enum Kind: Sendable {
    case null, boolean, integer, unsigned, float, string, array, object
  }

  let node: UnsafePointer<jr_node>

  public var kind: Kind {
    switch UInt32(node.pointee.kind) {
    case JR_NODE_NULL.rawValue: .null
    case JR_NODE_BOOLEAN.rawValue: .boolean
    case JR_NODE_INTEGER.rawValue: .integer
    case JR_NODE_UNSIGNED.rawValue: .unsigned
    case JR_NODE_FLOAT.rawValue: .float
    case JR_NODE_STRING.rawValue: .string
    case JR_NODE_ARRAY.rawValue: .array
    default: .object
    }
  }

  /// The value of a `boolean`, an `integer`, an `unsigned` (beyond `Int64`), a `float`; else nil.
  public var boolean: Bool? { kind == .boolean ? node.pointee.boolean : nil }
  public var integer: Int64? { kind == .integer ? node.pointee.integer : nil }
  public var unsigned: UInt64? { kind == .unsigned ? node.pointee.unsigned_integer : nil }
  public var float: Double? { kind == .float ? node.pointee.number : nil }

  /// The bytes of a string; of anything else none.
  public var utf8: UnsafeRawBufferPointer {
    guard kind == .string else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return UnsafeRawBufferPointer(start: node.pointee.text, count: Int(node.pointee.count))
  }

  /// The text of a string, else nil.
  public var string: String? { kind == .string ? String(decoding: utf8, as: UTF8.self) : nil }

  /// Elements of an array, members of an object, else 0.
  public var count: Int { kind == .array || kind == .object ? Int(node.pointee.count) : 0 }

  /// The values of the whole tree below, keys and itself included.
  public var span: Int { Int(node.pointee.span) }

  /// An empty Lua table without a mark: `kind` is `object`, but it could be a list as well.
  public var isUnmarkedEmpty: Bool { node.pointee.unmarked }

  /// The elements of an array; of anything else none.
  public var elements: JSONElements { JSONElements(self, of: .array) }

  /// The members of an object, in the order of the text, equal keys and all; of anything else none.
  public var members: JSONMembers { JSONMembers(elements: JSONElements(self, of: .object)) }

  /// The node behind this one and all it contains.
  var next: JSONNode { JSONNode(node: node + Int(node.pointee.span)) }
}

// What it points at is never changed.
extension JSONNode: @unchecked Sendable {}

extension JSONNode: Hashable {
  /// Whether they are one node, not whether their values are equal.
  public static func == (a: JSONNode, b: JSONNode) -> Bool { a.node == b.node }

  public func hash(into hasher: inout Hasher) { hasher.combine(node) }
}

/// The elements of an array.
public struct JSONElements: Sequence, IteratorProtocol {
  private var current: JSONNode
  private var left: Int

  init(_ node: JSONNode, of kind: JSONNode.Kind) {
    current = JSONNode(node: node.node + 1)
    left = node.kind != kind ? 0 : kind == .object ? 2 * node.count : node.count
  }

  public mutating func next() -> JSONNode? {
    guard left > 0 else { return nil }
    left -= 1
    defer { if left > 0 { current = current.next } }
    return current
  }
}

/// The members of an object.
public struct JSONMembers: Sequence, IteratorProtocol {
  var elements: JSONElements

  public mutating func next() -> (key: JSONNode, value: JSONNode)? {
    guard let key = elements.next(), let value = elements.next() else { return nil }
    return (key, value)
  }
}
