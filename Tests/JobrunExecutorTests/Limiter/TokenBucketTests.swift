import JobrunModel
import Testing

@testable import JobrunExecutor

@Suite struct TokenBucketTests {
  @Test func `it begins with a second's tokens and holds ten`() {
    var bucket = TokenBucket(perMinute: 60_000, now: instant(5))
    #expect(bucket.level == 950)
    let next = bucket.next(for: 950, at: instant(5))
    #expect(next == instant(5))
    _ = bucket.next(for: 0, at: instant(1_000))
    #expect(bucket.level == 9_500)
  }

  @Test func `what was reserved and not used comes back, what was used beyond is taken`() {
    var bucket = TokenBucket(perMinute: 60_000, now: instant(0))
    bucket.take(900, at: instant(0))
    bucket.settle(400, at: instant(0))
    #expect(bucket.level == 450)
    bucket.settle(-1_000, at: instant(0))
    #expect(bucket.level == -550)
    let next = bucket.next(for: 400, at: instant(0))
    #expect(next > instant(0.99))
    bucket.settle(1e9, at: instant(0))
    #expect(bucket.level == bucket.capacity)
  }

  @Test func `a request larger than the bucket passes when it is full, and leaves a debt`() {
    var bucket = TokenBucket(perMinute: 60_000, now: instant(0))
    let full = bucket.next(for: 50_000, at: instant(0))
    #expect(full > instant(8.9) && full < instant(9.1))
    let again = bucket.next(for: 50_000, at: full)
    #expect(again == full)
    bucket.take(50_000, at: full)
    #expect(bucket.level < -40_000)
    let paidBack = bucket.next(for: 1, at: full)
    #expect(paidBack > full + 42)
  }

  @Test func `the provider's number only lowers the level, and what came since counts`() {
    var bucket = TokenBucket(perMinute: 60_000, now: instant(0))
    bucket.lower(to: 5_000, since: instant(0), at: instant(0))
    #expect(bucket.level == 950)
    bucket.lower(to: 100, since: instant(0), at: instant(0))
    #expect(bucket.level == 100)
    bucket.lower(to: 0, since: instant(0), at: instant(0.5))
    #expect(abs(bucket.level - 475) < 1e-6)
  }

  @Test func `without a burst it holds a second's tokens, whatever the limit becomes`() {
    var bucket = TokenBucket(perMinute: 60_000, now: instant(0))
    bucket.forbidBurst(now: instant(100))
    #expect(bucket.level == 0)
    bucket.change(perMinute: 120_000, now: instant(100))
    _ = bucket.next(for: 0, at: instant(200))
    #expect(bucket.level == 1_900)
  }

  @Test(arguments: 0..<2_000 as Range<UInt64>) func `no window has more than a bucket, the rate and the last debt`(
    seed: UInt64
  ) {
    var random = SplitMix64(seed: seed)
    var now = instant(random.uniform() * 1e5)
    var bucket = TokenBucket(perMinute: random.magnitude(100, 1e8), now: now)
    var takes: [(at: MonotonicInstant, tokens: Double)] = []
    for _ in 0..<50 {
      if random.chance(0.3) { now = now + 15 * random.uniform() }
      let tokens = (bucket.capacity * random.magnitude(1e-4, 3)).rounded(.up)
      let next = bucket.next(for: tokens, at: now)
      var later = bucket
      let nextLater = later.next(for: tokens, at: now + random.uniform())
      #expect(nextLater + 1e-6 >= next, "seed \(seed)")  // but for rounding
      #expect(now.duration(to: next).seconds < 31, "seed \(seed): the largest debt is three buckets")
      now = next
      let again = bucket.next(for: tokens, at: now)
      #expect(again == now, "seed \(seed): not admitted at the instant that was told")
      bucket.take(tokens, at: now)
      takes.append((now, tokens))
    }
    for first in takes.indices {
      var sum = 0.0
      for take in takes[first...] {
        sum += take.tokens
        let seconds = takes[first].at.duration(to: take.at).seconds
        let debt = max(0, take.tokens - bucket.capacity)
        #expect(sum <= (bucket.capacity + seconds * bucket.rate) * 1.000_001 + debt, "seed \(seed)")
      }
    }
  }

  @Test(arguments: 0..<2_000 as Range<UInt64>) func `what was reserved less what was settled is what was used`(
    seed: UInt64
  ) {
    var random = SplitMix64(seed: seed)
    var now = instant(0)
    var bucket = TokenBucket(perMinute: 60_000, now: now)
    bucket.take(1e7, at: now)  // so deep that it never gets full
    let start = bucket.level
    var out: [Double] = []
    var used = 0.0
    for step in 0..<200 {
      now = now + random.uniform()
      if step < 150, random.chance(0.6) {
        out.append(Double(random.below(5_000)))
        bucket.take(out.last ?? 0, at: now)
      } else if !out.isEmpty {
        let reserved = out.remove(at: random.below(out.count))
        let use = (reserved * 2 * random.uniform()).rounded()
        bucket.settle(reserved - use, at: now)
        used += use
      }
    }
    bucket.settle(out.reduce(0, +), at: now)
    #expect(
      abs(start + instant(0).duration(to: now).seconds * bucket.rate - used - bucket.level) < 1e-3, "seed \(seed)")
  }

  @Test(arguments: [1e-9, 1, 1e15, .greatestFiniteMagnitude], [0, 1, Double(Int.max)]) func `no number traps`(
    perMinute: Double, tokens: Double
  ) {
    for start in [instant(0), instant(9e9), .end] {
      var bucket = TokenBucket(perMinute: perMinute, now: start)
      for now in [start, .end, start] {
        _ = bucket.next(for: tokens, at: now)
        bucket.take(tokens, at: now)
        _ = bucket.next(for: tokens, at: now)
        bucket.settle(tokens, at: now)
        bucket.lower(to: -tokens, since: start, at: now)
        bucket.forbidBurst(now: now)
        bucket.change(perMinute: 1 / perMinute, now: now)
      }
    }
  }
}
