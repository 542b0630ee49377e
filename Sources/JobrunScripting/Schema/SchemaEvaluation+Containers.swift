import LuaBridge

extension SchemaEvaluation {
  mutating func object(_ value: JSONNode, _ rule: SchemaRule) -> Bool {
    switch rule {
    case .members(let members): return each(of: value, members)
    case .memberCount(let count):
      return count.contains(value.count) || report("\(count.expected("key")), got \(value.count)")
    case .required(let names): return has(names, value) { "the key \($0.quoted) is missing" }
    case .memberNames(let schema): return names(of: value, schema)
    case .dependentKeys(let key, let others):
      guard value.has(key) else { return true }
      return has(others, value) { "the key \($0.quoted) is missing; it belongs to \(key.quoted)" }
    case .dependentSchema(let key, let schema): return !value.has(key) || fits(value, schema)
    default: return true
    }
  }

  private mutating func each(of value: JSONNode, _ members: SchemaMembers) -> Bool {
    var all = true
    for (key, value) in value.members {
      if !member(key, value, members) { all = false }
      if !all, !explains || givenUp != nil { return false }
    }
    return all
  }

  private mutating func member(_ key: JSONNode, _ value: JSONNode, _ members: SchemaMembers) -> Bool {
    guard spend(1) else { return false }
    let named = members.schema(named: key.utf8)
    var isKnown = named != nil
    var all = true
    path.append(.key(key))
    defer { path.removeLast() }
    if let named, !fits(value, named) { all = false }
    for (pattern, schema) in members.patterns where matches(key.utf8, pattern) {
      isKnown = true
      if !fits(value, schema) { all = false }
    }
    guard !isKnown, let others = members.others, givenUp == nil else { return all }
    guard schemas[others].isNever else { return fits(value, others) }
    guard explains else { return false }
    let hint = NameSuggestion.hint(for: key.string ?? "", among: members.named.compactMap(\.key.string))
    return report("no such key is allowed\(hint)")
  }

  private mutating func has(_ names: [JSONNode], _ value: JSONNode, message: (JSONNode) -> String) -> Bool {
    // Looking a key up is cheaper than a step.
    guard spend(names.count * value.count / 16) else { return false }
    var all = true
    for name in names where !value.has(name) {
      all = report(message(name))
      if !explains { break }
    }
    return all
  }

  private mutating func names(of value: JSONNode, _ schema: Int) -> Bool {
    var all = true
    for (key, _) in value.members where all || explains {
      if quietly({ $0.fits(key, schema) }) { continue }
      all = false
      guard explains else { break }
      path.append(.key(key))
      let why = explaining { _ = $0.fits(key, schema) }.first.first?.message ?? ""
      _ = report("the key itself does not fit: \(why)")
      path.removeLast()
    }
    return all
  }

  mutating func array(_ value: JSONNode, _ rule: SchemaRule) -> Bool {
    switch rule {
    case .elements(let first, let rest): return each(of: value, first: first, rest: rest)
    case .elementCount(let count):
      return count.contains(value.count) || report("\(count.expected("item")), got \(value.count)")
    case .contains(let schema, let count):
      var found = 0
      for element in value.elements where quietly({ $0.fits(element, schema) }) { found += 1 }
      return count.contains(found) || report("\(count.expected("item")) to fit \"contains\", got \(found)")
    case .unique: return isUnique(value)
    default: return true
    }
  }

  private mutating func each(of value: JSONNode, first: [Int], rest: Int?) -> Bool {
    var all = true
    for (index, element) in value.elements.enumerated() {
      guard let schema = index < first.count ? first[index] : rest else { break }
      path.append(.index(index))
      if !fits(element, schema) { all = false }
      path.removeLast()
      if !all, !explains || givenUp != nil { return false }
    }
    return all
  }

  private mutating func isUnique(_ value: JSONNode) -> Bool {
    guard value.count > 1 else { return true }
    guard spend(value.span) else { return false }
    var seen: [Int: Int] = [:]
    var all = true
    for (index, element) in value.elements.enumerated() {
      let earlier = seen.updateValue(index, forKey: element.valueHash())
      guard let earlier else { continue }
      path.append(.index(index))
      all = report("the same as item \(earlier); all must differ")
      path.removeLast()
      if !explains { break }
    }
    return all
  }
}

extension SchemaNode {
  /// The schema `false`.
  fileprivate var isNever: Bool {
    if case .never? = rules.first { true } else { false }
  }
}

extension JSONNode {
  fileprivate func has(_ name: JSONNode) -> Bool { members.contains { $0.key.utf8.order(to: name.utf8) == 0 } }
}
