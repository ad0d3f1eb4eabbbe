import Glibc
import HeatModel

/// Child processes of the test server, by `posix_spawn`.
enum ChildProcess {
    /// Runs a command to its end, output appended to `log`, and returns its exit status (128 + signal when killed).
    static func run(_ command: [String], in directory: String, log: String) throws -> Int32 {
        let script = "cd \"$0\" && exec \"$@\""
        let process = try spawn(["/bin/sh", "-c", script, directory] + command, input: nil, log: log)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 && errno == EINTR {}
        return status & 0x7f == 0 ? (status >> 8) & 0xff : 128 + (status & 0x7f)
    }

    /// Starts `command` under a shell that kills it (SIGQUIT: at once) and removes `directory` as soon as the returned pipe
    /// is closed, be it by ``PostgresServer/stop()`` or by the death of this process. A file `exited` appears in
    /// `directory` when the command has ended by itself.
    static func spawnGuarded(
        _ command: [String], in directory: String, log: String
    ) throws -> (process: pid_t, pipe: Int32) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw PostgresServer.failure("no pipe: errno \(errno)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let script = """
            trap '' INT TERM HUP
            cd "$0" || exit 1
            ( "$@" </dev/null & echo $! >pid; wait $!; : >exited ) &
            read -r end
            until [ -s pid ]; do sleep 0.1; done
            kill -QUIT "$(cat pid)" 2>/dev/null
            wait
            cd / && rm -rf "$0"
            """
        defer { close(ends[0]) }
        do {
            let process = try spawn(
                ["/bin/sh", "-c", script, directory] + command, input: ends[0], log: log, ownGroup: true)
            return (process, ends[1])
        } catch {
            close(ends[1])
            throw error
        }
    }

    private static func spawn(_ command: [String], input: Int32?, log: String, ownGroup: Bool = false) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o644)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // The end of a pipe that another child reads from would stay open as long as this one lives.
        for descriptor in 3..<min(4096, Int32(clamping: sysconf(Int32(_SC_OPEN_MAX)))) where descriptor != input {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Threads of the tests may block signals (a shell that never hears SIGCHLD waits for ever): start with none blocked.
        var flags = POSIX_SPAWN_SETSIGMASK
        var unblocked = sigset_t()
        sigemptyset(&unblocked)
        posix_spawnattr_setsigmask(&attributes, &unblocked)
        if ownGroup {
            // A Ctrl-C on the terminal is for the tests, not for the server.
            flags |= POSIX_SPAWN_SETPGROUP
            posix_spawnattr_setpgroup(&attributes, 0)
        }
        posix_spawnattr_setflags(&attributes, Int16(flags))
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var process: pid_t = 0
        let result = posix_spawn(&process, command[0], &actions, &attributes, &arguments, environ)
        guard result == 0 else { throw PostgresServer.failure("cannot start \(command[0]): errno \(result)") }
        return process
    }
}
