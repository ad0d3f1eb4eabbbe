import Foundation
import Synchronization
import Testing

/// Runs what waits on a thread of its own.
func onThread<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { done in
        Thread.detachNewThread { done.resume(with: Swift.Result { try body() }) }
    }
}

/// Waits for what other threads bring about soon.
func until(_ isTrue: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(60)
    while try await !isTrue() {
        try #require(ContinuousClock.now < end)
        try await Task.sleep(for: .milliseconds(5))
    }
}

/// A Python program of `Services`, in the environment that has wechatpy.
private func start(_ name: String) async throws -> (Process, Pipe, Pipe) {
    try await onThread {
        let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let tools = here.deletingLastPathComponent().appendingPathComponent("tools/python-env.sh")
        let making = Process()
        making.executableURL = tools
        making.arguments = ["wechat"]
        let made = Pipe()
        making.standardOutput = made
        try making.run()
        let python = String(decoding: made.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            .split(separator: "\n").last.map(String.init)
        making.waitUntilExit()
        try #require(making.terminationStatus == 0)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(python))
        process.arguments = [here.appendingPathComponent("Services/" + name).path]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        return (process, input, output)
    }
}

private func line(_ output: Pipe) throws -> String {
    var text: [UInt8] = []
    while text.last != 0x0A {
        let part = try output.fileHandleForReading.read(upToCount: 1) ?? Data()
        try #require(!part.isEmpty, "the program has ended")
        text += part
    }
    return String(decoding: text.dropLast(), as: UTF8.self)
}

/// WeChat's side of the cryptography.
final class WeChatOracle: Sendable {
    private let programme: Mutex<(Process, Pipe, Pipe)>

    private init(_ programme: sending (Process, Pipe, Pipe)) { self.programme = Mutex(programme) }

    static func start() async throws -> WeChatOracle { WeChatOracle(try await ChannelsTests.start("wechat_oracle.py")) }

    func ask(_ job: [String: String]) throws -> [String: String] {
        try programme.withLock { programme in
            let data = try JSONEncoder().encode(job)
            try programme.1.fileHandleForWriting.write(contentsOf: data + [0x0A])
            let answer = try JSONSerialization.jsonObject(with: Data(try line(programme.2).utf8)) as? [String: Any]
            return answer?.compactMapValues { $0 as? String } ?? [:]
        }
    }

    /// It ends with its input.
    func stop() { programme.withLock { try? $0.1.fileHandleForWriting.close() } }
}

/// A part of api.weixin.qq.com.
final class WeChatService: Sendable {
    struct Call {
        var path, token, touser, text, client: String
        var data: [String: String]
    }

    let address: String
    private let programme: Mutex<(Process, Pipe, Pipe)>

    private init(_ programme: sending (Process, Pipe, Pipe)) throws {
        address = "http://127.0.0.1:" + (try line(programme.2))
        self.programme = Mutex(programme)
    }

    static func start() async throws -> WeChatService {
        try WeChatService(try await ChannelsTests.start("wechat_api.py"))
    }

    /// It ends with its input.
    func stop() { programme.withLock { try? $0.1.fileHandleForWriting.close() } }

    private func curl(_ arguments: [String]) async throws -> Data {
        try await onThread {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/curl")
            process.arguments = ["-s"] + arguments
            let output = Pipe()
            process.standardOutput = output
            try process.run()
            let data = output.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return data
        }
    }

    /// Fetches a token as another program would: every one before it is over.
    func endTokens() async throws {
        _ = try await curl([address + "/cgi-bin/token?grant_type=client_credential&appid=wx1&secret=s%26cret"])
    }

    /// How many were fetched.
    func tokens() async throws -> Int {
        let page = try JSONSerialization.jsonObject(with: try await curl([address + "/calls"])) as? [String: Any]
        return page?["tokens"] as? Int ?? 0
    }

    func plan(_ json: String) async throws { _ = try await curl(["-d", json, address + "/plan"]) }

    func calls() async throws -> [Call] {
        let page = try JSONSerialization.jsonObject(with: try await curl([address + "/calls"])) as? [String: Any]
        return (page?["calls"] as? [[String: Any]] ?? []).map { call in
            let body = call["body"] as? [String: Any] ?? [:]
            let data = body["data"] as? [String: [String: String]] ?? [:]
            return Call(
                path: call["path"] as? String ?? "", token: call["token"] as? String ?? "",
                touser: body["touser"] as? String ?? "", text: (body["text"] as? [String: String])?["content"] ?? "",
                client: body["client_msg_id"] as? String ?? "",
                data: data.compactMapValues { $0["value"] })
        }
    }
}
