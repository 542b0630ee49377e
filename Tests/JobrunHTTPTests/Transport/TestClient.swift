import JobrunHTTP
import JobrunMock
import JobrunModel
import JobrunTestSupport
import Testing

/// A chat body whose only message is `text`.
func request(_ text: String) -> [UInt8] {
  Array(#"{"messages":[{"content":"\#(text)","role":"user"}],"model":"m"}"#.utf8)
}

extension TransportOptions {
  static func test(concurrency: Int) -> TransportOptions {
    TransportOptions(concurrency: concurrency, version: "0.0.0")
  }
}

extension TimeLimits {
  static let standard = TimeLimits(Timeouts())
}

struct UnexpectedAnswer: Error {}

/// The failure of one request to an endpoint.
func failure(of text: String, at endpoint: Endpoint, timeouts: Timeouts = Timeouts()) async throws -> AttemptError {
  try await onLoop {
    let transport = HTTPTransport(endpoint: endpoint, options: .test(concurrency: 1))
    do throws(AttemptError) {
      _ = try await transport.send(request(text), limits: TimeLimits(timeouts))
    } catch {
      return error
    }
    throw UnexpectedAnswer()
  }
}

extension MockServer {
  func send(_ text: String, endpoint: Endpoint? = nil, timeouts: Timeouts = Timeouts()) async throws -> Answer {
    let endpoint = endpoint ?? Endpoint(name: "mock", baseURL: baseURL)
    return try await onLoop {
      try await HTTPTransport(endpoint: endpoint, options: .test(concurrency: 1))
        .send(request(text), limits: TimeLimits(timeouts))
    }
  }

  func failure(_ text: String, timeouts: Timeouts = Timeouts()) async throws -> AttemptError {
    try await JobrunHTTPTests.failure(of: text, at: Endpoint(name: "mock", baseURL: baseURL), timeouts: timeouts)
  }
}
