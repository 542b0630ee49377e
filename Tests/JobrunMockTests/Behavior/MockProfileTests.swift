import JobrunMock
import Testing

@Suite("Profiles have names")
struct MockProfileTests {
  @Test func `the known ones are found`() throws {
    #expect(try MockProfile(named: "plain").behavior().latency == .logNormal(median: .milliseconds(120), sigma: 0.4))
    #expect(try MockProfile(named: "fast").behavior(seed: 3).latency == .zero)
    #expect(try MockProfile(named: "fast").behavior(seed: 3).seed == 3)
  }

  @Test func `an unknown one is an error that lists the known ones`() {
    let error = #expect(throws: UnknownMockProfile.self) { try MockProfile(named: "flakey") }
    #expect(error.map { "\($0)" } == #"no mock profile "flakey": the known ones are plain, fast"#)
  }
}
