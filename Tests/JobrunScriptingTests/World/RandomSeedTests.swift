import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunScripting

@Suite("Numbers drawn in hooks")
struct RandomSeedTests {
  static let source = """
    local first = math.random(1000000)
    return { model = "m",
      prompt = function(item, ctx) return ("%d %d %d"):format(first, math.random(1000000), math.random(1000000)) end,
      parse = function(reply) return { n = math.random(1000000) } end }
    """

  @Test("depend on the item's id alone")
  func item() async throws {
    let (one, other) = try await onLoop {
      let one = try Script(Self.source)
      let forward = try [one.request(.line("a", index: 1)), one.request(.line("b", index: 2))]
      let other = try Script(Self.source)
      let backward = try [other.request(.line("b", index: 2)), other.request(.line("a", index: 1))]
      return (forward, Array(backward.reversed()))
    }
    #expect(one == other)
    #expect(one[0] != one[1])
  }

  @Test("of parse are the same in every run too, whatever other items did before")
  func parse() async throws {
    let (one, other) = try await onLoop {
      let one = try Script(Self.source).rows()
      let script = try Script(Self.source)
      _ = try script.request(.line("b", index: 2))
      return (one, script.rows())
    }
    #expect(one == other)
  }

  @Test("follow a seed that the hook sets itself")
  func own() async throws {
    let values = try await onLoop {
      let source =
        "return { model = 'm', prompt = function() math.randomseed(42) return tostring(math.random(1000000)) end }"
      let script = try Script(source)
      return [try script.request(.line("a", index: 1)), try script.request(.line("a", index: 2))]
    }
    #expect(values[0] == values[1])
  }

  @Test("have seeds that stay the same from version to version")
  func stable() {
    #expect(RandomSeed.hash(.integer(1)) == 0x89cd_3129_1d2a_efa4)
    #expect(RandomSeed.hash(.string("a")) != RandomSeed.hash(.string("b")))
    #expect(RandomSeed.hash(.string("\u{1}\0\0\0\0\0\0\0")) != RandomSeed.hash(.integer(1)))
  }
}
