import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunScripting

@Suite("require")
struct RequireTests {
  @Test(
    "finds files beside the job, then in lua_modules, then in $JOBRUN_PATH",
    arguments: [
      ("a", "beside"), ("hooks.a", "in a folder"), ("b", "its init"), ("c", "module"), ("d", "module's init"),
    ])
  func finds(name: String, expected: String) async throws {
    let value = try await onLoop {
      try Script.value(
        "require '\(name)'",
        files: [
          "a.lua": "return 'beside'", "hooks/a.lua": "return 'in a folder'", "b/init.lua": "return 'its init'",
          "lua_modules/a.lua": "return 'not this'", "lua_modules/c.lua": "return 'module'",
          "lua_modules/d/init.lua": "return \"module's init\"",
        ])
    }
    #expect(value == "\"\(expected)\"")
  }

  @Test("finds files in the folders and templates of $JOBRUN_PATH")
  func path() async throws {
    let values = try await onLoop {
      let folder = try Folder(files: ["lib/x.lua": "return 'x'", "lib/y.part.lua": "return 'y'"])
      return try ["x", "y"].map {
        try Script.value(
          "require '\($0)'", environment: ["JOBRUN_PATH": "/nowhere;\(folder.path)/lib;\(folder.path)/lib/?.part.lua"])
      }
    }
    #expect(values == ["\"x\"", "\"y\""])
  }

  @Test("accepts a byte order mark and a line of #!, and keeps the lines")
  func lines() async throws {
    let message = try await onLoop {
      try Script.error(
        "package.loaded.odd()",
        before: "local f = package.preload package.loaded.odd = load('\\n\\nerror(\"no\")', '@jobs/odd.lua')")
    }
    #expect(message == "jobs/odd.lua:3: no")
    let value = try await onLoop {
      try Script.value("require 'odd'", files: ["odd.lua": "\u{feff}#!/usr/bin/lua\nreturn debug.getinfo(1, 'Sl')"])
    }
    #expect(value.contains("\"currentline\":2"))
    #expect(value.contains("\"short_src\":\"jobs/odd.lua\""))
  }

  @Test("names the file of an error as the user named the job")
  func names() async throws {
    let problems = try await onLoop {
      try Script.problems(
        "require 'hooks.bad' return { prompt = print }", files: ["hooks/bad.lua": "\nlocal x = nil + 1"])
    }
    #expect(problems == ["jobs/hooks/bad.lua:2: attempt to perform arithmetic on a nil value"])
  }

  @Test("says where it looked")
  func missing() async throws {
    let problem = try await onLoop { try Script.problems("require 'hooks.missing'").first ?? "" }
    #expect(problem.hasPrefix("jobs/test.lua:1: module 'hooks.missing' not found:"))
    #expect(problem.contains("/hooks/missing.lua'"))
    #expect(problem.contains("/lua_modules/hooks/missing/init.lua'"))
  }

  @Test("gives the module jobrun, which is a global too")
  func module() async throws {
    #expect(try await onLoop { try Script.value("require('jobrun') == jobrun") } == "true")
  }
}
