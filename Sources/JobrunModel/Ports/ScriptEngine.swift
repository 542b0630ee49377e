/// A part of an item inside the script engine: valid from the step that names it until the engine said `.finished` or
/// `.wait`, or `abandon`.
public struct ScriptItem: Sendable {
  /// The engine's place for the item.
  public let slot: Int
  /// Tells this use of the place from later ones.
  public let generation: Int
  /// The item's own hooks at 0; others are calls that these made.
  public let strand: Int
  public let id: ItemID

  public init(slot: Int, generation: Int = 0, strand: Int = 0, id: ItemID) {
    self.slot = slot
    self.generation = generation
    self.strand = strand
    self.id = id
  }
}

/// What an item wants next.
public enum ScriptStep: Sendable {
  /// Send this and come back with `resume`.
  case call(ChatRequest)
  /// Wait so long and come back with `wake`.
  case sleep(Duration)
  /// These go on at the same time, each for itself; their steps are calls and sleeps.
  case fork([ScriptBranch])
  /// Nothing more here: the item goes on when its other branches come back.
  case wait
  /// The item is over; the engine has forgotten it. What branches still bring is dropped.
  case finished(ItemResult)
  /// The items of a pack are over, each in its own way, in their order.
  case finishedPack([ItemResult])
  /// The pack's answer did not serve all of its items: both halves are to be asked.
  case divided
}

extension ScriptStep {
  /// The item is over.
  public var endsItem: Bool {
    switch self {
    case .finished, .finishedPack, .divided: true
    case .call, .sleep, .fork, .wait: false
    }
  }
}

/// A part of an item that goes on for itself.
public struct ScriptBranch: Sendable {
  public let item: ScriptItem
  public let step: ScriptStep

  public init(item: ScriptItem, step: ScriptStep) {
    self.item = item
    self.step = step
  }

  /// What it asks for, where it begins with a call.
  public var request: ChatRequest? {
    if case .call(let request) = step { request } else { nil }
  }
}

/// The port to the job's hooks: the core knows an item only by its steps.
///
/// One item's calls alternate: `begin`, then `resume` or `wake` for each step that asks for it. Items, and the
/// branches of one, interleave only between these calls, they never run in parallel.
@Loop
public protocol ScriptEngine: AnyObject {
  /// What `run` in scripts steers. Set before `setup`; the engine does not keep it alive.
  var control: (any RunControl)? { get set }

  /// Items that share one request; nil: each has its own.
  var packSize: Int? { get }

  /// Begins the `setup` hooks, which may make calls like an item; nil where there are none.
  func beginSetup() -> (item: ScriptItem, step: ScriptStep)?

  /// Starts an item on its coroutine: `prompt`, then `on_request`; or `process`.
  func begin(_ record: ItemRecord) -> (item: ScriptItem, step: ScriptStep)

  /// Starts a pack: one request for all of these records. It ends as `.finished`, which holds for each of them,
  /// `.finishedPack` or `.divided`.
  func begin(pack records: [ItemRecord]) -> (item: ScriptItem, ids: [ItemID], step: ScriptStep)

  /// Goes on with a part of an item that asked for a call: `on_reply`, then `parse`; or what a failure means to it.
  func resume(_ item: ScriptItem, with result: Result<Answer, AttemptError>) -> ScriptStep

  /// Goes on with a part of an item that wanted to sleep.
  func wake(_ item: ScriptItem) -> ScriptStep

  /// Ends an item from outside, because the run stops; its hooks do not run on.
  func abandon(_ item: ScriptItem)

  /// Whether there are `on_tick` hooks; without them nobody calls `tick`.
  var hasTick: Bool { get }

  /// Runs the `on_tick` hooks. To be called every second between two items' hooks, also while the run is paused.
  func tick() throws(RunError)

  /// Begins the `finish` hooks; nil where there are none.
  func beginFinish() -> (item: ScriptItem, step: ScriptStep)?

  /// What the `finish` hooks want written beside the output, by name.
  var files: [(name: String, contents: [UInt8])] { get }
}
