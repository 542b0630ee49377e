import Testing

@testable import JobrunStorage

@Suite("UTF-8")
struct UTF8ValidityTests {
  private func offset(_ bytes: [UInt8]) -> Int? { bytes.withUnsafeBytes(UTF8Validity.firstInvalidOffset(in:)) }

  @Test("Every scalar is valid, at every distance from a word's beginning")
  func scalars() {
    for value in stride(from: UInt32(0), through: 0x10FFFF, by: 7) {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let padding = Int(value % 9)
      #expect(offset(Array(repeating: 0x61, count: padding) + Array(String(scalar).utf8)) == nil)
    }
  }

  @Test("All sequences of three bytes are judged as the standard library does")
  func threeBytes() {
    var differences = 0
    for lead in UInt8(0x7F)...0xFF {
      for second in UInt8.min...0xFF {
        for third in [0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF] as [UInt8] {
          let bytes = [lead, second, third]
          let isValid = String(validating: bytes, as: UTF8.self) != nil
          if (offset(bytes) == nil) != isValid { differences += 1 }
        }
      }
    }
    #expect(differences == 0)
  }

  @Test(
    "The offset is that of the first bad sequence",
    arguments: [
      ([0xC0, 0x80], 0), ([0x61, 0xC3], 1), ([0xF0, 0x9F, 0x98, 0x80, 0x80], 4), ([0xF4, 0x90, 0x80, 0x80], 0),
      ([0xF0, 0x8F, 0xBF, 0xBF], 0), ([0xF5, 0x80, 0x80, 0x80], 0), ([0xF0, 0x9F, 0x98], 0),
      (Array(repeating: 0x61, count: 17) + [0xFF], 17),
    ] as [([UInt8], Int)])
  func invalid(bytes: [UInt8], expected: Int) {
    #expect(offset(bytes) == expected)
  }
}
