import Foundation
import Testing

/// A code block of a page, and how it is run.
struct PageBlock: Sendable, CustomTestStringConvertible {
  let page: String
  /// The line of its first code line.
  let line: Int
  let language: String
  let code: String

  var testDescription: String { "\(page):\(line)" }

  /// The blocks of a page of the repository, in order.
  static func all(of page: String) -> [PageBlock] {
    let path = Program.root.appendingPathComponent(page)
    let text = (try? String(contentsOf: path, encoding: .utf8)) ?? ""
    var blocks: [PageBlock] = []
    var open: (line: Int, language: String, code: [Substring])?
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if line.hasPrefix("```") {
        if let (first, language, code) = open {
          blocks.append(
            PageBlock(page: page, line: first, language: language, code: code.joined(separator: "\n") + "\n"))
          open = nil
        } else {
          open = (number + 2, String(line.dropFirst(3)), [])
        }
      } else {
        open?.code.append(line)
      }
    }
    return blocks
  }

  /// The block as a job file: as it is where it is one, else with what a part of a job leaves out.
  var job: String {
    if code.contains(#/(?m)^return \{/#) { return code }
    // What stands before the first field belongs to the top of the file.
    let fields = code.firstRange(of: #/(?m)^[a-z_]+ *= /#)?.lowerBound ?? code.startIndex
    var parts = code[fields...].trimmingCharacters(in: .whitespacesAndNewlines)
    if parts.last.map({ $0 != "," && !$0.isNewline }) == true, !parts.contains(#/--[^\n]*$/#) { parts += "," }
    func has(_ name: String) -> Bool {
      ("\n" + code).contains("\n\(name) ")
    }
    var missing = ""
    if !has("input") { missing += "  input = \"data/sentences.txt\",\n" }
    if !has("model") { missing += "  model = \"mini\",\n" }
    if !has("prompt"), !has("process") { missing += "  prompt = function(item) return item.text end,\n" }
    return String(code[..<fields]) + "return {\n" + missing + parts + "\n}\n"
  }
}
