import HeatModel
import SQLConnector

/// Writes by SQL: one parametrised statement for each kind, in a transaction of its own, and a question that finds what was written.
struct SQLSink: ActionSink {
    struct Operation: Sendable {
        var statement: SQLWriter.Statement
        /// How many rows it changes.
        var rows: Int
    }

    var writer: SQLWriter
    var operations: [ActionKind: Operation]
    /// Gives the number of what carries our reference; a row for each.
    var probe: SQLWriter.Statement?
    var longestCall: Int

    var kinds: Set<ActionKind> { Set(operations.keys) }

    func send(_ letter: ActionLetter) -> SendOutcome {
        guard let operation = operations[letter.kind] else { return .notSent(ActionErrors.unknownKind(letter.kind)) }
        do {
            return .confirmed(id: try writer.write(operation.statement, letter.texts, rows: operation.rows), words: nil)
        } catch {
            switch error {
            case .notDone(let error): return .notSent(error)
            case .refused(let words): return .refused(words: SystemWords.clean(words))
            case .unclear(let error): return .unclear(error)
            }
        }
    }

    func probe(_ letter: ActionLetter) -> ProbeOutcome {
        guard let probe else { return .failed(ActionErrors.noProof("the system cannot be asked what became of it")) }
        do {
            let ids = try writer.ask(probe, letter.texts).map { $0.first.flatMap(\.self) ?? "" }
            return ids.isEmpty ? .absent(asOf: nil) : .found(ids: ids)
        } catch {
            return .failed(
                (error as? HearthError)
                    ?? HearthError(.actionNoProof, "the system cannot be asked what became of it", cause: error))
        }
    }
}
