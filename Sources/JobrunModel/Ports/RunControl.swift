/// The port to the run, for whoever steers it while it goes on: the job's hooks.
///
/// Everything acts at once and waits for nothing. After the run's end it does nothing.
@Loop
public protocol RunControl: AnyObject {
  /// Lets no request out until `resume`; those in flight end. Answers of the journal are still used.
  func pause()

  func resume()

  /// Starts nothing new and lets the requests in flight end: the run ends, and the same command goes on.
  func stop(reason: String)

  /// Changes settings from now on: all that are named, or none.
  ///
  /// - Throws: `RunError` (`job`) where the run has no such setting.
  func set(_ settings: RunSettings) throws(RunError)
}
