import JobrunModel
import Testing

@testable import JobrunExecutor

@Suite struct TokenEstimateTests {
  private func usage(_ input: Int, _ output: Int) -> TokenUsage { TokenUsage(input: input, output: output) }

  @Test func `before the first answer it is 0.3 tokens a byte and 1024 out`() {
    let cost = TokenEstimate().cost(bytes: 1_001, maximumOutput: nil)
    #expect(cost.input == 301)
    #expect(cost.output == 1_024)
    #expect(cost.total == 1_325)
    #expect(TokenEstimate().cost(bytes: 1_000, maximumOutput: 50).output == 50)
  }

  @Test func `what is needed for certain is the prompt and what the request allows`() {
    let cost = TokenEstimate().cost(bytes: 1_000, maximumOutput: 50_000)
    #expect(cost.least(.total) == 50_300)
    #expect(TokenEstimate().cost(bytes: 1_000, maximumOutput: nil).least(.output) == 0)
  }

  @Test func `the first answer's ratio replaces the guess, the next ones move it by a tenth`() {
    var estimate = TokenEstimate()
    estimate.learn(bytes: 1_000, usage: usage(600, 100))
    #expect(estimate.cost(bytes: 1_000, maximumOutput: nil).input == 600)
    estimate.learn(bytes: 1_000, usage: usage(200, 100))
    #expect(estimate.cost(bytes: 1_000, maximumOutput: nil).input == 560)
  }

  @Test func `a large allowance counts less once answers were seen to be short`() {
    var estimate = TokenEstimate()
    for _ in 0..<19 { estimate.learn(bytes: 1_000, usage: usage(300, 100)) }
    #expect(estimate.cost(bytes: 1_000, maximumOutput: 8_000).output == 8_000)
    #expect(estimate.cost(bytes: 1_000, maximumOutput: nil).output == 120)
    for _ in 0..<10 { estimate.learn(bytes: 1_000, usage: usage(300, 100)) }
    #expect(estimate.cost(bytes: 1_000, maximumOutput: 8_000).output == 120)
    #expect(estimate.cost(bytes: 1_000, maximumOutput: 50).output == 50)
  }

  @Test func `the output is 1.2 times the 95th percentile`() {
    var estimate = TokenEstimate()
    for number in 1...1_000 { estimate.learn(bytes: 1_000, usage: usage(300, number % 100 + 1)) }
    let output = estimate.cost(bytes: 1_000, maximumOutput: nil).output
    #expect(output >= 112 && output <= 118)
  }

  @Test(arguments: [(0, 5), (-1, 5), (Int.max, 5), (4_000_004, 5), (300, -1), (300, .max)])
  func
    `a usage that makes no sense teaches nothing`(input: Int, output: Int)
  {
    var estimate = TokenEstimate()
    estimate.learn(bytes: 1_000_000, usage: usage(input, output))
    estimate.learn(bytes: 0, usage: usage(5, 5))
    #expect(estimate.cost(bytes: 1_000, maximumOutput: nil) == TokenEstimate().cost(bytes: 1_000, maximumOutput: nil))
  }

  @Test func `no number traps`() {
    var estimate = TokenEstimate()
    estimate.learn(bytes: .max, usage: usage(1, 1))
    for count in [Int.min, -1, 0, 1, .max] {
      let cost = estimate.cost(bytes: count, maximumOutput: count)
      #expect(cost.total.isFinite)
    }
  }
}
