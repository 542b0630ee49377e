// swift-tools-version: 6.2
import PackageDescription

/// The strict settings of every Swift target.
let swiftStyle: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
  // A release of one loop thread does without the looks at exclusive access and at where a callback runs, which debug builds
  // and so the tests take; and functions are specialized across the modules, as if they were one. Together 5 % of an item.
  .unsafeFlags(
    [
      "-enforce-exclusivity=unchecked", "-Xfrontend", "-disable-dynamic-actor-isolation", "-cross-module-optimization",
    ], .when(configuration: .release)),
]
let cStyle: [CSetting] = [.treatAllWarnings(as: .error)]
let cxxStyle: [CXXSetting] = [.treatAllWarnings(as: .error)]

let package = Package(
  name: "jobrun",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
  ],
  targets: [
    // System libraries.
    .systemLibrary(name: "CLua", pkgConfig: "lua5.4", providers: [.apt(["liblua5.4-dev"])]),
    .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CDigest", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CPattern", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),

    // C and C++: simdjson is linked by name, because SwiftPM refuses its pkg-config flags.
    .target(
      name: "CLuaShims", dependencies: ["CLua"], cSettings: cStyle, cxxSettings: cxxStyle,
      linkerSettings: [.linkedLibrary("simdjson")]),
    .target(
      name: "CWireJSON", cSettings: cStyle, cxxSettings: cxxStyle, linkerSettings: [.linkedLibrary("simdjson")]),
    .target(name: "CReactor", cSettings: cStyle),
    .target(name: "CProcess", cSettings: cStyle),

    // The program, from the leaves to the root; see docs/architecture.md.
    .target(name: "LuaBridge", dependencies: ["CLua", "CLuaShims"], swiftSettings: swiftStyle),
    .target(name: "JobrunModel", swiftSettings: swiftStyle),
    .target(name: "JobrunReactor", dependencies: ["CReactor", "JobrunModel"], swiftSettings: swiftStyle),
    .target(
      name: "JobrunHTTP", dependencies: ["CCurl", "CWireJSON", "JobrunModel", "JobrunReactor"],
      swiftSettings: swiftStyle),
    .target(
      name: "JobrunExecutor",
      dependencies: ["JobrunModel", .product(name: "Histogram", package: "hdrhistogram-swift")],
      swiftSettings: swiftStyle),
    .target(
      name: "JobrunScripting", dependencies: ["CDigest", "CPattern", "JobrunModel", "LuaBridge"],
      swiftSettings: swiftStyle),
    .target(
      name: "JobrunStorage",
      dependencies: [
        "CDigest", "CProcess", "CZlib", "CZstd", "JobrunModel", .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ], swiftSettings: swiftStyle),
    .target(
      name: "JobrunMock",
      dependencies: [
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"),
      ], swiftSettings: swiftStyle),
    .executableTarget(
      name: "jobrun",
      dependencies: [
        "JobrunExecutor", "JobrunHTTP", "JobrunMock", "JobrunModel", "JobrunReactor", "JobrunScripting",
        "JobrunStorage", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: swiftStyle,
      // The release's malloc (docs/decisions/0008); a debug build keeps libc's, which the sanitizers replace.
      linkerSettings: [.linkedLibrary("jemalloc", .when(configuration: .release))]),

    // Tests, one target a module.
    .target(
      name: "JobrunTestSupport", dependencies: ["JobrunModel", "JobrunReactor"], path: "Tests/Support",
      swiftSettings: swiftStyle),
    .testTarget(name: "LuaBridgeTests", dependencies: ["LuaBridge"], swiftSettings: swiftStyle),
    .testTarget(
      name: "JobrunModelTests", dependencies: ["JobrunModel", "JobrunTestSupport"], swiftSettings: swiftStyle),
    .testTarget(
      name: "JobrunReactorTests", dependencies: ["CReactor", "JobrunModel", "JobrunReactor", "JobrunTestSupport"],
      swiftSettings: swiftStyle),
    .testTarget(
      name: "JobrunHTTPTests", dependencies: ["JobrunHTTP", "JobrunMock", "JobrunModel", "JobrunTestSupport"],
      swiftSettings: swiftStyle),
    .testTarget(
      name: "JobrunExecutorTests",
      dependencies: ["JobrunExecutor", "JobrunModel", "JobrunReactor", "JobrunTestSupport"],
      swiftSettings: swiftStyle),
    .testTarget(
      name: "JobrunScriptingTests",
      dependencies: ["JobrunModel", "JobrunScripting", "JobrunTestSupport", "LuaBridge"], swiftSettings: swiftStyle),
    .testTarget(
      name: "JobrunStorageTests",
      dependencies: [
        "JobrunModel", "JobrunReactor", "JobrunStorage", "JobrunTestSupport",
        .product(name: "GRDB", package: "GRDB.swift"), .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ], swiftSettings: swiftStyle),
    .testTarget(name: "JobrunMockTests", dependencies: ["JobrunMock"], swiftSettings: swiftStyle),
    .testTarget(
      name: "IntegrationTests",
      dependencies: [
        "jobrun", "JobrunExecutor", "JobrunHTTP", "JobrunMock", "JobrunModel", "JobrunReactor", "JobrunScripting",
        "JobrunStorage", "JobrunTestSupport", .product(name: "GRDB", package: "GRDB.swift"),
      ], swiftSettings: swiftStyle),
    .testTarget(
      name: "jobrunTests", dependencies: ["jobrun", "JobrunExecutor", "JobrunModel", "JobrunStorage"],
      swiftSettings: swiftStyle),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c11,
  cxxLanguageStandard: .cxx17
)
