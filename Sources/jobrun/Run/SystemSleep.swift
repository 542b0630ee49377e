internal import Glibc

/// How long the machine was suspended.
enum SystemSleep {
  /// Since it was started: the monotonic clock stands still meanwhile, the boot-time clock does not.
  static var total: Duration { now(CLOCK_BOOTTIME) - now(CLOCK_MONOTONIC) }

  private static func now(_ clock: clockid_t) -> Duration {
    var time = timespec()
    clock_gettime(clock, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
}
