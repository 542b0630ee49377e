import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunExecutor

@Suite struct RoomForItemsTests {
  /// Room that is all taken, and somebody who waits for some.
  @Loop
  private static func fullRoom(
    _ count: Int, spare: Int, _ body: @Loop (RoomForItems, _ hasRoom: @escaping @Loop () -> Bool?) async -> Void
  ) async {
    let room = RoomForItems(count, spare: spare)
    for _ in 0..<count { #expect(room.takeNow()) }
    #expect(!room.takeNow())
    var taken: Bool?
    await withDiscardingTaskGroup { group in
      group.addImmediateTask { @Loop in taken = await room.take() }
      await settle()
      await body(room) { taken }
      room.close()
    }
    #expect(taken != nil)
  }

  /// Lets whoever was resumed run.
  @Loop
  private static func settle() async { for _ in 0..<10 { await Task.yield() } }

  @Test func `whoever waits goes on when a quarter of the spare room is free, and then takes it without waiting`()
    async throws
  {
    try await onLoop {
      await Self.fullRoom(16, spare: 12) { room, hasRoom in
        room.giveBack()
        room.giveBack()
        await Self.settle()
        #expect(hasRoom() == nil)
        room.giveBack()
        await Self.settle()
        #expect(hasRoom() == true)
        #expect(room.takeNow() && room.takeNow() && !room.takeNow())
      }
    }
  }

  @Test func `room that is lent is taken at once, and one less is free when it is reclaimed`() async throws {
    try await onLoop {
      await Self.fullRoom(16, spare: 16) { room, hasRoom in
        room.lend()
        await Self.settle()
        #expect(hasRoom() == true)
        room.reclaim()
        room.giveBack()
        #expect(!room.takeNow())
        room.giveBack()
        #expect(room.takeNow())
      }
    }
  }

  @Test func `with little spare room nobody waits for more`() async throws {
    try await onLoop {
      await Self.fullRoom(2, spare: 1) { room, hasRoom in
        room.giveBack()
        await Self.settle()
        #expect(hasRoom() == true)
      }
    }
  }

  @Test func `more room lets whoever waits go on, and a closed one sends everybody away`() async throws {
    try await onLoop {
      await Self.fullRoom(2, spare: 16) { room, hasRoom in
        room.resize(4, spare: 16)
        await Self.settle()
        #expect(hasRoom() == true)
        room.close()
        #expect(!room.takeNow())
      }
      await Self.fullRoom(1, spare: 16) { room, hasRoom in
        room.close()
        await Self.settle()
        #expect(hasRoom() == false)
        #expect(await !room.take())
      }
    }
  }
}
