/// Finds schemas that would be asked of one value without end, or too deep in one another.
///
/// It goes without recursion: a chain of references is as long as the schema's author likes.
struct SchemaNesting {
  /// The most schemas in one another that are asked of one value; a check takes stack for each.
  static let limit = 100

  let schemas: [SchemaNode]

  private enum Visit {
    case new
    case open
    /// With the schemas in one another from here on.
    case done(Int)
  }

  func problems(pointers: [String]) -> [SchemaError.Problem] {
    var problems: [SchemaError.Problem] = []
    var visits = [Visit](repeating: .new, count: schemas.count)
    for start in schemas.indices {
      var open = [start]
      while let index = open.last {
        let inner = schemas[index].rules.flatMap(\.inPlace)
        switch visits[index] {
        case .new:
          visits[index] = .open
          for next in inner {
            switch visits[next] {
            case .new: open.append(next)
            case .open:
              problems.append(
                .init(pointer: pointers[index], message: "leads back to itself without a step into the value"))
            case .done: break
            }
          }
        case .open:
          open.removeLast()
          let below = inner.map { if case .done(let depth) = visits[$0] { depth } else { 0 } }.max() ?? 0
          visits[index] = .done(below + 1)
          if below == Self.limit {
            problems.append(
              .init(pointer: pointers[index], message: "more than \(Self.limit) schemas in one another for one value"))
          }
        case .done: open.removeLast()
        }
      }
    }
    return problems
  }
}
