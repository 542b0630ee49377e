internal import ArgumentParser
internal import Glibc
internal import JobrunMock
internal import JobrunModel
internal import JobrunReactor

/// `jobrun mock`: the built-in provider, stand-alone.
struct MockCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mock",
    abstract: "Serve the built-in provider, whose replies are not real: the APIs of OpenAI, Azure and Anthropic.",
    discussion: """
      Point any client at it, for example:

        jobrun mock --port 8089
        jobrun jobs/translate.lua --base-url http://127.0.0.1:8089/v1
      """)

  @Option(name: .long, help: "Port on 127.0.0.1; 0 takes a free one.")
  var port = 8089

  @Option(
    name: .long,
    help: ArgumentHelp(
      "How it behaves. \(MockProfile.allCases.map { "\($0.rawValue): \($0.summary)" }.joined(separator: ". ")).",
      valueName: "profile"))
  var profile = "plain"

  @OptionGroup(title: "Answers")
  var answers: MockAnswerOptions

  @OptionGroup(title: "Rate limits")
  var limits: MockLimitOptions

  func run() throws {
    ProcessLimits.set()
    let command = self
    let status = Reactor.shared.runBlocking { await command.serve() }
    throw status.exit
  }

  @Loop
  private func serve() async -> ExitStatus {
    let console = Console(color: false)
    defer { console.close() }
    guard (0...65_535).contains(port) else {
      console.print("jobrun: --port: 0 to 65535 expected, got \(port)")
      return .usage
    }
    do {
      let profile = try MockProfile(named: profile)
      var behavior = profile.behavior()
      behavior.limits = try limits.applied(to: behavior.limits)
      try answers.apply(to: &behavior)
      let server = try await MockServer.start(behavior: behavior, port: port)
      console.print(
        """
        mock provider "\(profile.rawValue)" at \(server.baseURL) — its replies are NOT REAL
        OpenAI    base URL \(server.baseURL): chat/completions, responses, embeddings, models
        Azure     endpoint http://\(server.host):\(server.port): any deployment, any api-version
        Anthropic base URL http://\(server.host):\(server.port): v1/messages, v1/models
        key       any; none is looked at
        profile   \(profile.summary)\(answers.summary.map { "; but \($0)" } ?? "")
        enforced  \(behavior.limits?.summary ?? "no rate limit")
        stop it with Ctrl-C
        """)
      let stopped = LoopSemaphore(permits: 0)
      let signals = try SignalWatcher(signals: [SIGINT, SIGTERM]) { _ in stopped.release() }
      _ = await stopped.acquire()
      withExtendedLifetime(signals) {}
      console.print(
        "\(Figures.grouped(server.requestsReceived)) requests served, "
          + "\(Figures.grouped(server.requestsRefused)) of them refused (429 or 503)")
      await server.stop()
      return .success
    } catch let error as UnknownMockProfile {
      console.print("jobrun: --profile: \(error)")
      return .usage
    } catch let error as MockOptionProblem {
      console.print("jobrun: \(error.message)")
      return .usage
    } catch {
      console.print("jobrun: \(error)")
      return .inputOutput
    }
  }
}
