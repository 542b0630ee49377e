/// Header fields in their order; written as `["content-type": "text/html"]`. A name may come more than once.
public struct MockHeaders: Sendable, ExpressibleByDictionaryLiteral {
  public var fields: [(name: String, value: String)]

  public init(_ fields: [(name: String, value: String)]) { self.fields = fields }

  public init(dictionaryLiteral elements: (String, String)...) {
    fields = elements.map { (name: $0.0, value: $0.1) }
  }

  /// The first value of this name, in any case.
  public subscript(name: String) -> String? {
    fields.first { $0.name.lowercased() == name.lowercased() }?.value
  }

  public static func + (a: Self, b: Self) -> Self { Self(a.fields + b.fields) }
}
