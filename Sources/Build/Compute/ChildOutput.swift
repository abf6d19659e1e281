import Foundation

/// What this same program prints when it is started with some arguments; nil where it cannot be started, fails, or takes longer
/// than `seconds`.
func outputOfChild(_ arguments: [String], environment: [String: String], seconds: Int) -> [UInt8]? {
  var ends: [Int32] = [-1, -1]
  guard pipe(&ends) == 0 else { return nil }
  for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
  defer { close(ends[0]) }
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
  var words = (["headatlas"] + arguments).map { strdup($0) } + [nil]
  var variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
  defer { for word in words + variables { free(word) } }
  var child: pid_t = 0
  let status = posix_spawn(&child, "/proc/self/exe", &actions, nil, &words, &variables)
  close(ends[1])
  guard status == 0 else { return nil }
  let output = readToTheEnd(ends[0], seconds: seconds)
  if output == nil { kill(child, SIGKILL) }
  var ending: Int32 = 0
  while waitpid(child, &ending, 0) < 0 && errno == EINTR {}
  return ending == 0 ? output : nil
}

/// Everything up to the end of the file; nil where that takes longer than `seconds`, or is too much.
private func readToTheEnd(_ file: Int32, seconds: Int) -> [UInt8]? {
  let deadline = ContinuousClock.now + .seconds(seconds)
  var output: [UInt8] = []
  var piece = [UInt8](repeating: 0, count: 4096)
  while ContinuousClock.now < deadline, output.count < 1 << 20 {
    var awaited = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
    // The deadline is looked at a few times a second.
    guard poll(&awaited, 1, 200) > 0 else { continue }
    let count = read(file, &piece, piece.count)
    if count == 0 { return output }
    if count > 0 { output += piece.prefix(count) }
  }
  return nil
}
