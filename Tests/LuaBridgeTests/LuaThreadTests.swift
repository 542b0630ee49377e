import LuaBridge
import Testing

@Suite("A thread") struct LuaThreadTests {
  @Test func `pushes and reads values of every type`() throws {
    let script = try Script()
    let thread = script.state.main
    thread.pushNil()
    thread.pushNull()
    thread.push(true)
    thread.push(Int.min)
    thread.push(2.5)
    thread.push("grün")
    thread.push([0, 255, 10])
    #expect(thread.top == 7)
    #expect(thread.type(at: 1) == .nil && thread.type(at: 8) == .none && thread.type(at: 2) == .lightUserdata)
    #expect(thread.isNull(at: 2) && !thread.isNull(at: 1))
    #expect(thread.bool(at: 2) && thread.bool(at: 3) && !thread.bool(at: 1))
    #expect(thread.integer(at: 4) == .min)
    #expect(thread.double(at: 5) == 2.5 && thread.double(at: 4) == Double(Int.min))
    #expect(thread.string(at: 6) == "grün")
    #expect(thread.bytes(at: 7) == [0, 255, 10])
    #expect(thread.string(at: 7) == "\0\u{FFFD}\n")
    #expect(thread.withBytes(at: 7) { $0.count } == 3)
    thread.setTop(0)
  }

  @Test func `pushes empty strings`() throws {
    let script = try Script()
    let thread = script.state.main
    thread.push("")
    thread.push([UInt8]())
    thread.push(UnsafeRawBufferPointer(start: nil, count: 0))
    let name = String(repeating: "n", count: 0)
    thread.push(name)
    for index in 1...4 as ClosedRange<Int32> { #expect(thread.bytes(at: index) == []) }
    thread.setTop(0)
  }

  @Test(
    arguments: [
      ("1", 1), ("3.0", 3), ("-0.0", 0), ("3.5", nil), ("1e300", nil), ("0/0", nil), ("1/0", nil), ("'7'", nil),
      ("2^63", nil), ("-2^63", Int.min), ("math.maxinteger", Int.max), ("nil", nil),
    ] as [(String, Int?)])
  func `takes only exact integers as integers`(source: String, expected: Int?) throws {
    let script = try Script()
    let chunk = try script.state.load(Array("return \(source)".utf8), chunkName: "=value")
    #expect(try script.state.call(chunk, budget: nil) { thread, first, _ in thread.integer(at: first) } == expected)
  }

  @Test func `does not convert a number that it reads as a string`() throws {
    let script = try Script()
    script.state.main.push(12)
    #expect(script.state.main.string(at: 1) == nil)
    #expect(script.state.main.bytes(at: 1) == nil)
    #expect(script.state.main.type(at: 1) == .number)
    script.state.main.pop()
  }

  @Test func `fills and reads tables`() throws {
    let script = try Script()
    let thread = script.state.main
    thread.newTable(arrayCapacity: 2, fieldCapacity: 2)
    thread.push(1)
    thread.setField("literal")
    thread.push(2)
    let name = "dynamic name"
    thread.setField(name)
    thread.push("first")
    thread.setIndex(1)
    #expect(thread.field("literal", of: -1) == .number)
    #expect(thread.field(name, of: 1) == .number)
    #expect(thread.index(1, of: 1) == .string)
    #expect(thread.index(2, of: 1) == .nil)
    #expect(thread.rawLength(at: 1) == 1)
    #expect(thread.top == 5)
    thread.setTop(0)
  }

  @Test func `reads nil from what is not a table`() throws {
    let script = try Script()
    let thread = script.state.main
    thread.push("text")
    #expect(thread.field("x", of: 1) == .nil)
    #expect(thread.index(1, of: 1) == .nil)
    #expect(thread.rawLength(at: 9) == 0)
    #expect(thread.top == 3)
    thread.setTop(0)
  }

  @Test func `marks lists and objects`() throws {
    let script = try Script()
    let thread = script.state.main
    thread.newTable()
    #expect(!thread.isMarkedArray(at: 1) && !thread.isMarkedObject(at: 1))
    thread.markArray(at: -1)
    #expect(thread.isMarkedArray(at: 1) && !thread.isMarkedObject(at: 1))
    thread.markObject(at: 1)
    #expect(!thread.isMarkedArray(at: 1) && thread.isMarkedObject(at: 1))
    thread.push(1)
    thread.markArray(at: -1)
    #expect(!thread.isMarkedArray(at: 2))
    thread.setTop(0)
  }

  @Test func `makes room until the stack's limit`() throws {
    let script = try Script()
    #expect(script.state.main.ensureStack(100_000))
    #expect(!script.state.main.ensureStack(2_000_000))
  }

  @Test func `moves values`() throws {
    let script = try Script()
    let thread = script.state.main
    for i in 1...3 { thread.push(i) }
    thread.insert(at: 1)
    #expect(thread.integer(at: 1) == 3)
    thread.remove(at: 2)
    #expect(thread.top == 2 && thread.integer(at: 2) == 2)
    #expect(thread.absolute(-1) == 2)
    thread.setTop(0)
  }
}
