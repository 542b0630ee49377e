/// The names of the live numbers, one list for scripts, summary, `--json` and the editor types.
public enum StatisticName: String, CaseIterable, Sendable {
  case itemsTotal = "items.total"
  case itemsDone = "items.done"
  case itemsOK = "items.ok"
  case itemsFailed = "items.failed"
  case itemsSkipped = "items.skipped"
  case itemsUnfinished = "items.unfinished"
  case itemsInFlight = "items.in_flight"
  case itemsReused = "items.reused"
  case requests
  case retries
  case maybeBilled = "maybe_billed"
  case tokensInput = "tokens.input"
  case tokensOutput = "tokens.output"
  case tokensCached = "tokens.cached"
  case costUSD = "cost_usd"
  case elapsed = "elapsed_s"
  case eta = "eta_s"
  case ratePerSecond = "rate.rps"
  case ratePerMinute = "rate.rpm"
  case rateTokens = "rate.tpm"
  case rateErrors = "rate.errors"
  case limitsRequests = "limits.rpm_used"
  case limitsTokens = "limits.tpm_used"
  case limitsHeld = "limits.held_s"
  case concurrency
  case errorsAuth = "errors.auth"
  case errorsQuota = "errors.quota"
  case errorsRateLimit = "errors.rate_limit"
  case errorsTooLarge = "errors.too_large"
  case errorsOverloaded = "errors.overloaded"
  case errorsServer = "errors.server"
  case errorsTimeout = "errors.timeout"
  case errorsNetwork = "errors.network"
  case errorsContextLength = "errors.context_length"
  case errorsContentFilter = "errors.content_filter"
  case errorsBadRequest = "errors.bad_request"
  case errorsBadResponse = "errors.bad_response"
  case latencyP50 = "latency.p50"
  case latencyP90 = "latency.p90"
  case latencyP95 = "latency.p95"
  case latencyP99 = "latency.p99"
  case latencyMean = "latency.mean"
  case latencyMax = "latency.max"
  case firstTokenP50 = "first_token.p50"
  case firstTokenP90 = "first_token.p90"
  case firstTokenP95 = "first_token.p95"
  case firstTokenP99 = "first_token.p99"
  case firstTokenMean = "first_token.mean"
  case firstTokenMax = "first_token.max"
  case waitLimiter = "wait.limiter_s"
  case waitSlot = "wait.slot_s"
  case waitBackOff = "wait.backoff_s"
  case waitHook = "wait.hook_s"

  /// One line for the reference page and the editor.
  public var meaning: String {
    switch self {
    case .itemsTotal: "Items of the input; nil while unknown."
    case .itemsDone: "Items that ended."
    case .itemsOK: "Items that ended well."
    case .itemsFailed: "Items that failed."
    case .itemsSkipped: "Items for which no call was wanted."
    case .itemsUnfinished: "Items that the end of the run left over."
    case .itemsInFlight: "Items begun and not ended."
    case .itemsReused: "Items whose answers all came from the journal."
    case .requests: "HTTP requests sent."
    case .retries: "HTTP requests that were not the first of their call."
    case .maybeBilled: "HTTP requests that ended without an answer and may have been billed."
    case .tokensInput: "Input tokens as the provider counted them."
    case .tokensOutput: "Output tokens as the provider counted them."
    case .tokensCached: "The part of the input that came from the provider's cache."
    case .costUSD: "US dollars so far, of the models with a price; nil without one."
    case .elapsed: "Seconds since the start."
    case .eta: "Seconds to the end at the present rate; nil while unknown."
    case .ratePerSecond: "Requests ended a second, over the last 30 s."
    case .ratePerMinute: "Requests ended a minute, over the last 30 s."
    case .rateTokens: "Tokens a minute, over the last 30 s."
    case .rateErrors: "The share (0-1) of requests that failed, over the last 30 s."
    case .limitsRequests: "The share (0-1) of the requests a minute that the last 30 s used; nil without a limit."
    case .limitsTokens: "The share (0-1) of the tokens a minute that the last 30 s used; nil without a limit."
    case .limitsHeld: "Seconds for which the provider's refusals or failures kept requests back."
    case .concurrency: "Requests that may be in flight at once."
    case .latencyP50, .latencyP90, .latencyP95, .latencyP99:
      "A percentile of the latency in seconds; nil before the first answer."
    case .latencyMean: "The mean latency in seconds; nil before the first answer."
    case .latencyMax: "The highest latency in seconds; nil before the first answer."
    case .firstTokenP50, .firstTokenP90, .firstTokenP95, .firstTokenP99:
      "A percentile of the time to the first piece of a streamed answer, in seconds; nil before the first."
    case .firstTokenMean: "The mean time to the first piece of a streamed answer in seconds; nil before the first."
    case .firstTokenMax: "The longest time to the first piece of a streamed answer in seconds; nil before the first."
    case .waitLimiter: "Seconds that requests waited for limits, summed over the requests."
    case .waitBackOff: "Seconds that requests waited to be tried again, summed over the requests."
    case .waitSlot: "Seconds that requests waited for a slot, summed over the requests."
    case .waitHook: "Seconds spent in hooks."
    case .errorsAuth, .errorsQuota, .errorsRateLimit, .errorsTooLarge, .errorsOverloaded, .errorsServer,
      .errorsTimeout, .errorsNetwork, .errorsContextLength, .errorsContentFilter, .errorsBadRequest,
      .errorsBadResponse:
      "HTTP tries that ended in this class."
    }
  }

  /// The number's kind in a script: counts are integers, the rest are floats.
  public var isInteger: Bool {
    switch self {
    case .elapsed, .eta, .ratePerSecond, .ratePerMinute, .rateTokens, .rateErrors, .latencyP50, .latencyP90,
      .latencyP95, .latencyP99, .latencyMean, .latencyMax, .firstTokenP50, .firstTokenP90, .firstTokenP95,
      .firstTokenP99, .firstTokenMean, .firstTokenMax, .waitLimiter, .waitSlot, .waitBackOff, .waitHook, .costUSD,
      .limitsRequests, .limitsTokens, .limitsHeld:
      false
    default: true
    }
  }

  /// The class whose failed tries are counted; nil for other numbers.
  public var errorClass: ErrorClass? {
    guard rawValue.hasPrefix("errors.") else { return nil }
    return ErrorClass(rawValue: String(rawValue.dropFirst("errors.".count)))
  }

  /// Whether each model has the number, too, as `stats.models.<name>`.
  public var isPerModel: Bool {
    switch self {
    case .itemsTotal, .itemsDone, .itemsOK, .itemsFailed, .itemsSkipped, .itemsUnfinished, .itemsInFlight,
      .itemsReused, .elapsed, .eta, .concurrency, .limitsHeld, .waitHook:
      false
    default: true
    }
  }

  /// Whether the number is nil for a while, or for ever.
  public var isUnknownAtTimes: Bool {
    switch self {
    case .itemsTotal, .eta, .latencyP50, .latencyP90, .latencyP95, .latencyP99, .latencyMean, .latencyMax, .costUSD,
      .firstTokenP50, .firstTokenP90, .firstTokenP95, .firstTokenP99, .firstTokenMean, .firstTokenMax, .limitsRequests,
      .limitsTokens:
      true
    default: false
    }
  }
}
