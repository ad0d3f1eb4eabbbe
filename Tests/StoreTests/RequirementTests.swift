import Foundation
import HearthTesting
import Store
import Synchronization
import Testing

/// A requirement that no check asks about could be missing from a store unseen.
@Suite struct RequirementTests {
    /// Each requirement is refused by a store in its turn: a check must notice.
    @Test func everyRequirementOfTheContractIsMissedByACheck() throws {
        let requirements = try Self.requirements()
        #expect(requirements.count > 100 && requirements.contains("takeLease(stream:owner:isAlive:)"))
        let folder = try TemporaryFolder()
        func run(_ check: StoreCheck, refuses: String?) -> (asked: Set<String>, passes: Bool) {
            var asked: Set<String> = []
            var made: BrokenStore?
            let failures = StoreConformance { clock in
                let store = BrokenStore(try folder.store(clock: clock), refuses: refuses)
                made = store
                return store
            }.run([check])
            asked = made?.asked.withLock { $0 } ?? []
            return (asked, failures.isEmpty)
        }
        var askers: [String: [StoreCheck]] = [:]
        for check in StoreCheck.allCases {
            for requirement in run(check, refuses: nil).asked { askers[requirement, default: []].append(check) }
        }
        for requirement in requirements {
            let isMissed = askers[requirement, default: []].contains { !run($0, refuses: requirement).passes }
            #expect(isMissed, "no check misses \(requirement)")
        }
    }

    /// The functions that the public protocols of the room ask for, as `#function` has them. What only stores on servers have is asked of
    /// servers, by FailoverTests and ReplicaTests.
    private static func requirements() throws -> [String] {
        let room = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "../../Sources/Store")
        var found: [String] = []
        for file in try FileManager.default.contentsOfDirectory(at: room, includingPropertiesForKeys: nil)
        where file.pathExtension == "swift" && file.lastPathComponent != "ReplicatedStore.swift" {
            var isInProtocol = false
            let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
            for (index, line) in lines.enumerated() {
                if line.hasPrefix("public protocol") { isInProtocol = true }
                if line == "}" || line.hasSuffix("{}") { isInProtocol = false }
                guard isInProtocol, line.hasPrefix("    func ") else { continue }
                found.append(signature(lines[index...].joined(separator: " ").dropFirst("    func ".count)))
            }
        }
        return found
    }

    /// `accounts(at:limit:)` of `accounts(at place: PlaceKey, limit: Int) throws …`.
    private static func signature(_ text: Substring) -> String {
        let name = text.prefix { $0.isLetter }
        var labels: [String] = []
        var depth = 0
        var part = ""
        for character in text.drop(while: { $0 != "(" }) {
            if "([<".contains(character) { depth += 1 }
            if ")]>".contains(character), !part.hasSuffix("-") { depth -= 1 }
            if depth == 0 || (depth == 1 && character == ",") {
                if let label = part.drop(while: { "( ".contains($0) }).split(whereSeparator: { " :".contains($0) })
                    .first
                {
                    labels.append(label + ":")
                }
                part = ""
                if depth == 0 { break }
            } else {
                part.append(character)
            }
        }
        return "\(name)(\(labels.joined()))"
    }
}
