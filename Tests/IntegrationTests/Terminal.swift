import Foundation

/// A terminal of a test: what a program behind it sees, and what a person does.
struct Terminal {
  let near: FileHandle
  /// The program's side.
  let far: FileHandle

  init?() {
    // TIOCSPTLCK and TIOCGPTN, which Swift cannot import: unlock the other side, and ask for its number.
    let number = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var (lock, name): (Int32, Int32) = (0, 0)
    guard number >= 0, ioctl(number, 0x4004_5431, &lock) == 0, ioctl(number, 0x8004_5430, &name) == 0 else {
      return nil
    }
    let other = open("/dev/pts/\(name)", O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard other >= 0 else { return nil }
    // No echo, and line breaks as they are written.
    var settings = termios()
    tcgetattr(other, &settings)
    settings.c_lflag &= ~tcflag_t(ECHO)
    settings.c_oflag &= ~tcflag_t(OPOST)
    tcsetattr(other, TCSANOW, &settings)
    near = FileHandle(fileDescriptor: number, closeOnDealloc: true)
    far = FileHandle(fileDescriptor: other, closeOnDealloc: true)
  }

  func type(_ text: String) { near.write(Data(text.utf8)) }

  /// All that comes until nobody has the other side any more, which a terminal tells by an error.
  func readAll() async -> String {
    let number = near.fileDescriptor
    return await Program.offPool {
      var data = Data()
      var buffer = [UInt8](repeating: 0, count: 4_096)
      while true {
        let count = read(number, &buffer, buffer.count)
        if count <= 0 { return String(decoding: data, as: UTF8.self) }
        data += buffer[..<count]
      }
    }
  }
}
