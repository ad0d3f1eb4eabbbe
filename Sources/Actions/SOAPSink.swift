import HeatModel
import SOAPConnector

/// Writes by a SOAP service: a templated body for each kind, and questions that find what was written.
struct SOAPSink: ActionSink {
    /// One kind's operation. The first column of a record is the number of what was made, where the answer gives one.
    struct Operation: Sendable {
        var call: SOAPCall
        var givesID: Bool
        /// Result codes that mean success; nil where the answer has none.
        var success: [String]?
        /// Result codes by which the system says that nothing was done.
        var refusals: Set<String>
        /// Codes of faults by which it says so.
        var faults: Set<String>
    }

    /// A question for what is there. Columns: id, where `givesKind` the kind, then references.
    struct Probe: Sendable {
        var call: SOAPCall
        var success: [String]?
        var givesKind: Bool
        /// Whether the answer tells that it is a part of what is there.
        var givesMore: Bool
        /// Whether the answer tells of which moment its data are.
        var givesMoment: Bool
    }

    var operations: [ActionKind: Operation]
    var byReference: Probe?
    var byAccount: Probe?
    var longestCall: Int
    /// Minutes east of UTC, in which the bounds of a question's time are written.
    var offsetMinutes: Int16

    var kinds: Set<ActionKind> { Set(operations.keys) }

    func send(_ letter: ActionLetter) -> SendOutcome {
        guard let operation = operations[letter.kind] else { return .notSent(ActionErrors.unknownKind(letter.kind)) }
        do {
            let reply = try operation.call.perform(letter.texts)
            let words = SystemWords.clean(reply.message ?? reply.said)
            if let success = operation.success {
                guard let code = reply.code, !code.isEmpty else {
                    return .unclear(ActionErrors.noProof("the answer has no result code"))
                }
                if operation.refusals.contains(code) { return .refused(words: words.isEmpty ? "code \(code)" : words) }
                if !success.contains(code) {
                    return .unclear(
                        ActionErrors.noProof("the system answers with code \(SystemWords.clean(code)): \(words)"))
                }
            }
            let id = reply.records.lazy.compactMap { $0.first ?? nil }.first { !$0.isEmpty }
            if reply.records.isEmpty || operation.givesID && id == nil {
                return .unclear(ActionErrors.noProof("the answer names nothing that was made"))
            }
            return .confirmed(id: operation.givesID ? id : nil, words: words.isEmpty ? nil : words)
        } catch {
            switch error {
            case .notSent(let error): return .notSent(error)
            case .unclear(let error): return .unclear(error)
            case .fault(let code, let error):
                let codes = Set(code.split(separator: "/").map(String.init) + [code])
                let isRefusal = !operation.faults.isDisjoint(with: codes)
                return isRefusal ? .refused(words: SystemWords.clean(error.message)) : .unclear(error)
            }
        }
    }

    func probe(_ letter: ActionLetter) -> ProbeOutcome {
        let probes = [byReference, byAccount].compactMap(\.self)
        if probes.isEmpty { return .failed(ActionErrors.noProof("the system cannot be asked what became of it")) }
        var asOf: Instant?
        for probe in probes {
            switch ask(probe, letter) {
            case .absent(let moment): asOf = [asOf, moment].compactMap(\.self).min()
            case let outcome: return outcome
            }
        }
        return .absent(asOf: asOf)
    }

    private func ask(_ probe: Probe, _ letter: ActionLetter) -> ProbeOutcome {
        // Clocks differ.
        let slack: Int64 = 600_000_000
        func text(_ microseconds: Int64) -> String {
            let shift = microseconds / 1_000_000 * 1_000_000
            return Instant(microseconds: shift, offsetMinutes: offsetMinutes).description
        }
        let now = Instant.now.microseconds
        var values = letter.texts
        // What is changed may be old: it is looked for among all orders of the account.
        let from = letter.makesRecord ? (letter.firstSent?.microseconds ?? now) - slack : 946_684_800_000_000
        values["createdFrom"] = text(from)
        values["createdTo"] = text(now + slack)
        let reply: SOAPCall.Reply
        do { reply = try probe.call.perform(values, judgesEmptyAnswers: true) } catch { return .failed(error.error) }
        if let success = probe.success, !success.contains(reply.code ?? "") {
            return .failed(
                ActionErrors.noProof(
                    "asked what became of it, the system answers with code \(SystemWords.clean(reply.code ?? "none"))"))
        }
        if probe.givesMore, reply.hasMore.flatMap({ YesOrNo.read($0) }) != false {
            return .failed(
                ActionErrors.noProof("asked what became of it, the system answers with a part of what is there"))
        }
        var asOf: Instant?
        if probe.givesMoment {
            guard let moment = reply.stated.flatMap({ Instant($0) }) else {
                return .failed(ActionErrors.noProof("the answer does not say of which moment it is"))
            }
            asOf = moment
        }
        let first = probe.givesKind ? 2 : 1
        let records = reply.records.map { record in
            Trace(
                id: record.first.flatMap(\.self) ?? "", kind: probe.givesKind ? record[1] : nil,
                references: record[first...].compactMap(\.self).flatMap {
                    $0.split(separator: "\u{1F}").map(String.init)
                })
        }
        return Trace.judge(
            records, reference: letter.reference, kind: letter.values[ActionField.problem.rawValue],
            makesRecord: letter.makesRecord, asOf: asOf)
    }
}

/// A record that a system gives when it is asked what is there.
struct Trace: Sendable {
    var id: String
    var kind: String?
    var references: [String]

    /// Whether one of these records is what a reference stands for.
    ///
    /// A system that cuts references is seen through: what is left of one is its beginning, and eight characters of it are chance
    /// enough to be nobody else's. A record without any reference may be ours, or of a person at a desk: nobody can tell.
    ///
    /// - Parameter makesRecord: whether the action makes a record, so that one without any reference may be it.
    static func judge(
        _ records: [Trace], reference: String, kind: String?, makesRecord: Bool, asOf: Instant?
    ) -> ProbeOutcome {
        func isOurs(_ text: String) -> Bool {
            let text = text.filter { !$0.isWhitespace }.uppercased()
            return text.count >= ActionReference.leastPrefix && (text == reference || reference.hasPrefix(text))
        }
        let ours = records.filter { $0.references.contains(where: isOurs) }
        if !ours.isEmpty { return .found(ids: ours.map(\.id)) }
        let doubtful = records.filter { record in
            let kept = record.references.map { $0.filter { !$0.isWhitespace }.uppercased() }.filter { !$0.isEmpty }
            if kept.contains(where: { $0.count < ActionReference.leastPrefix && reference.hasPrefix($0) }) {
                return true
            }
            if let of = record.kind, let kind, of != kind { return false }
            return makesRecord && kept.isEmpty
        }
        if !doubtful.isEmpty {
            return .ambiguous(
                words:
                    "\(doubtful.map(\.id).joined(separator: ", ")) may be it, and carries no reference by which it could be told"
            )
        }
        return .absent(asOf: asOf)
    }
}

extension ActionLetter {
    /// Whether what is asked for is a record of its own in the system, and not a change of one.
    var makesRecord: Bool { kind == .createWorkOrder || kind == .requestSuspension }

    /// What templates and statements may name.
    static let names = Set(ActionField.allCases.map(\.rawValue) + ["reference", "createdFrom", "createdTo"])

    /// The values by these names; empty where there is none.
    var texts: [String: String] {
        var texts = values
        texts["reference"] = reference
        return texts
    }
}
