/// Puts elements that come in any order into the order of their indices, which begin at 1.
///
/// It holds whatever comes before its turn; how much that may be is for `hasRoom` to say and for the caller to obey.
struct OutputWindow<Element> {
  private struct Held {
    var element: Element
    var rows: Int
    var bytes: Int
  }

  let rowLimit: Int
  let byteLimit: Int
  /// The index whose turn it is.
  private(set) var turn = 1
  private var held: [Int: Held] = [:]
  private(set) var heldRows = 0
  private(set) var heldBytes = 0

  init(rowLimit: Int, byteLimit: Int) {
    self.rowLimit = rowLimit
    self.byteLimit = byteLimit
  }

  /// Whether no more is held than may be.
  var hasRoom: Bool { heldRows <= rowLimit && heldBytes <= byteLimit }

  /// Holds an element until its turn. An index comes once.
  ///
  /// - Parameter rows: What it counts; an element without rows counts as one.
  mutating func insert(_ element: Element, at index: Int, rows: Int, bytes: Int) {
    let held = Held(element: element, rows: max(1, rows), bytes: bytes)
    self.held[index] = held
    heldRows += held.rows
    heldBytes += held.bytes
  }

  /// Passes the turn on where an element need not be held; false where it is not the turn of `index`.
  mutating func pass(_ index: Int) -> Bool {
    guard index == turn else { return false }
    turn += 1
    return true
  }

  /// Takes out the element whose turn it is, if it has come.
  mutating func next() -> Element? {
    if held.isEmpty { return nil }
    guard let next = held.removeValue(forKey: turn) else { return nil }
    turn += 1
    heldRows -= next.rows
    heldBytes -= next.bytes
    return next.element
  }

  /// Takes out all the elements in the order of their indices, whatever is missing between them.
  mutating func removeAll() -> [Element] {
    let elements = held.sorted { $0.key < $1.key }.map(\.value.element)
    held = [:]
    heldRows = 0
    heldBytes = 0
    return elements
  }
}
