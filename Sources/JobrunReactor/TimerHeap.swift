public import JobrunModel

/// A timer's name: unique for the life of its heap.
public struct TimerID: Hashable, Sendable {
  fileprivate var slot: Int32
  fileprivate var generation: UInt32
}

/// Timers by deadline: a binary heap whose entries can be taken out in the middle.
///
/// Insertion and removal cost O(log n) and leave nothing behind, so a timer a request stays cheap in memory when
/// nearly all of them are cancelled. Equal deadlines fire in the order of their insertion.
public struct TimerHeap<Payload> {
  private struct Node {
    var deadline: MonotonicInstant
    var order: UInt64
    var payload: Payload?
    var generation: UInt32
    /// The place in `heap`, or -1 while free.
    var position: Int32
  }

  private var nodes: [Node] = []
  private var free: [Int32] = []
  private var heap: [Int32] = []
  private var nextOrder: UInt64 = 0

  public init() {}

  public var count: Int { heap.count }

  /// The earliest deadline.
  public var earliest: MonotonicInstant? { heap.first.map { nodes[Int($0)].deadline } }

  public mutating func insert(_ payload: Payload, at deadline: MonotonicInstant) -> TimerID {
    let slot: Int32
    if let reused = free.popLast() {
      slot = reused
    } else {
      slot = Int32(nodes.count)
      nodes.append(Node(deadline: deadline, order: 0, payload: nil, generation: 0, position: -1))
    }
    nodes[Int(slot)].deadline = deadline
    nodes[Int(slot)].order = nextOrder
    nodes[Int(slot)].payload = payload
    nextOrder += 1
    heap.append(slot)
    siftUp(from: heap.count - 1)
    return TimerID(slot: slot, generation: nodes[Int(slot)].generation)
  }

  /// Takes a timer out.
  /// - Returns: Its payload, or nil where it has fired or was removed before.
  @discardableResult
  public mutating func remove(_ id: TimerID) -> Payload? {
    let slot = Int(id.slot)
    guard slot < nodes.count, nodes[slot].generation == id.generation, nodes[slot].position >= 0 else { return nil }
    return take(at: Int(nodes[slot].position))
  }

  /// Takes out the earliest timer that is due.
  public mutating func popDue(at now: MonotonicInstant) -> Payload? {
    guard let first = heap.first, nodes[Int(first)].deadline <= now else { return nil }
    return take(at: 0)
  }

  private mutating func take(at position: Int) -> Payload? {
    let slot = Int(heap[position])
    let last = heap.removeLast()
    if position < heap.count {
      heap[position] = last
      nodes[Int(last)].position = Int32(position)
      siftDown(from: position)
      siftUp(from: position)
    }
    nodes[slot].position = -1
    nodes[slot].generation &+= 1
    free.append(Int32(slot))
    return nodes[slot].payload.take()
  }

  private func isBefore(_ a: Int32, _ b: Int32) -> Bool {
    let (x, y) = (nodes[Int(a)].deadline, nodes[Int(b)].deadline)
    return x < y || (x == y && nodes[Int(a)].order < nodes[Int(b)].order)
  }

  private mutating func siftUp(from start: Int) {
    var position = start
    let slot = heap[position]
    while position > 0 {
      let parent = (position - 1) / 2
      guard isBefore(slot, heap[parent]) else { break }
      place(heap[parent], at: position)
      position = parent
    }
    place(slot, at: position)
  }

  private mutating func siftDown(from start: Int) {
    var position = start
    let slot = heap[position]
    while true {
      var child = 2 * position + 1
      guard child < heap.count else { break }
      if child + 1 < heap.count, isBefore(heap[child + 1], heap[child]) { child += 1 }
      guard isBefore(heap[child], slot) else { break }
      place(heap[child], at: position)
      position = child
    }
    place(slot, at: position)
  }

  private mutating func place(_ slot: Int32, at position: Int) {
    heap[position] = slot
    nodes[Int(slot)].position = Int32(position)
  }
}
