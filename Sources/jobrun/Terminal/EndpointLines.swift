internal import JobrunHTTP

/// Which endpoints a run asks, for people; never a key.
enum EndpointLines {
  static func of(_ endpoints: [(endpoint: Endpoint, models: [String]?)]) -> [String] {
    endpoints.map { endpoint, models in
      let key = "key from \(endpoint.keySource ?? "nowhere: none is sent")"
      let names = models.map { ", for \($0.joined(separator: ", "))" } ?? ""
      return "endpoint  \(endpoint.name), \(endpoint.baseURL), \(key)\(names)"
    }
  }
}
