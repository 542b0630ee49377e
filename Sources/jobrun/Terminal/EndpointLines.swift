internal import JobrunHTTP
internal import JobrunModel

/// Which endpoints a run asks, for people; never a key.
enum EndpointLines {
  static func of(_ endpoints: [(endpoint: Endpoint, api: WireAPI, models: [String]?)]) -> [String] {
    endpoints.map { endpoint, api, models in
      let key = "key from \(endpoint.keySource ?? "nowhere: none is sent")"
      let names = models.map { ", for \($0.joined(separator: ", "))" } ?? ""
      return "endpoint  \(endpoint.name), \(endpoint.baseURL), \(api.rawValue), \(key)\(names)"
    }
  }
}
