/// What to do next, as an imperative sentence.
///
/// The sentence names no command and no route: where it points to a function of Hearth, it holds an ``Action``, and each door
/// puts its own name there.
///
/// ```swift
/// HearthError(.storeBusy, "another run holds the store", advice: "wait for it to end; \(.runs) shows it")
/// ```
public struct Advice: Hashable, Sendable {
    /// A function of Hearth that helps.
    public enum Action: Hashable, Sendable {
        /// Make a first configuration.
        case initialize
        /// Try every source and mapping.
        case check
        /// See how records of a stream (`source.stream`) are mapped.
        case preview(stream: String)
        case sync
        /// Pull everything again instead of what is new, for a whole stream or source.
        case fullRefresh
        /// As ``fullRefresh``, and end the records that are no longer there, however many.
        case fullRefreshWithDeletes
        /// How fresh the store is.
        case status
        /// The list of runs.
        case runs
        /// Look for what was altered in the logs and the archive.
        case verifyAudit
        /// Build a store anew from the archive.
        case rebuildStore
    }

    fileprivate enum Part: Hashable, Sendable {
        case text(String)
        case action(Action)
    }

    fileprivate var parts: [Part]

    public init(_ text: String) { parts = [.text(text)] }

    /// The sentence, with each action named as `name` says.
    public func text(naming name: (Action) -> String) -> String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .action(let action): name(action)
            }
        }.joined()
    }

    /// The same advice with its texts changed; actions stay.
    public func mapText(_ change: (String) -> String) -> Advice {
        var changed = self
        changed.parts = parts.map { part in
            if case .text(let text) = part { .text(change(text)) } else { part }
        }
        return changed
    }

    /// Whether the sentence in plain words holds a text.
    public func contains(_ text: String) -> Bool { description.contains(text) }

    public var isEmpty: Bool { parts.allSatisfy { $0 == .text("") } }
}

extension Advice: ExpressibleByStringInterpolation {
    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var parts: [Part] = []

        public init(literalCapacity: Int, interpolationCount: Int) {}

        public mutating func appendLiteral(_ text: String) {
            if text.isEmpty { return }
            // One text between two actions, so that equal sentences are equal advices.
            if case .text(let before)? = parts.last {
                parts[parts.count - 1] = .text(before + text)
            } else {
                parts.append(.text(text))
            }
        }

        public mutating func appendInterpolation(_ action: Action) { parts.append(.action(action)) }
        public mutating func appendInterpolation(_ value: some CustomStringConvertible) {
            appendLiteral(value.description)
        }
    }

    public init(stringLiteral text: String) { self.init(text) }
    public init(stringInterpolation: StringInterpolation) { parts = stringInterpolation.parts }
}

extension Advice: CustomStringConvertible {
    /// In plain words.
    public var description: String { text { $0.description } }
}

extension Advice.Action: CustomStringConvertible {
    /// The function in plain words, as a noun.
    public var description: String {
        switch self {
        case .initialize: "the set-up of a new configuration"
        case .check: "the check of the sources"
        case .preview(let stream): "the preview of \(stream)"
        case .sync: "a sync"
        case .fullRefresh: "a full refresh"
        case .fullRefreshWithDeletes: "a full refresh that allows deletes"
        case .status: "the status"
        case .runs: "the list of runs"
        case .verifyAudit: "the verification of the logs and the archive"
        case .rebuildStore: "a rebuild from the archive"
        }
    }
}
