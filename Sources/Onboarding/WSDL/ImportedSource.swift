import HeatModel

/// A source of the configuration made of a service description: its section, and all that a person has to look at.
package struct ImportedSource: Sendable {
    /// How requests prove who they are.
    package enum Security: String, Sendable, CaseIterable {
        case none
        case basic
        /// WS-Security UsernameToken.
        case text, digest
    }

    /// A stream of the section.
    package struct Stream: Sendable {
        package var name: String
        package var operation: String
        package var record: String
        package var columns: [String]
        /// Why it stands in the section as a comment; empty where it can be read as it is.
        package var held: [String]
    }

    package let name: String
    package let endpoint: String
    package let service: String
    package let port: String
    package let version: String
    package let streams: [Stream]
    /// What was not understood or not taken, a line each.
    package let notUnderstood: [String]
    /// The section as it stands under `sources:`, indented by two blanks, with comments.
    package let section: String

    /// Reads a description. Imports are followed to files beside it, or on the same host.
    ///
    /// - Parameters:
    ///   - location: a file or an http(s) address.
    ///   - name: of the source.
    ///   - port: of the description; else the first of SOAP 1.1.
    ///   - operations: only these; all if none is named.
    ///   - security: nil goes by the description's policy.
    /// - Throws: `source.description…` where it cannot be read, `config.noService`, `config.noOperation`.
    package init(
        _ location: String, name: String, port: String? = nil, operations: [String] = [], security: Security? = nil
    ) throws {
        let service = try DescribedService(location, port: port)
        for wanted in operations where !service.operations.contains(where: { $0.name == wanted }) {
            throw HearthError(
                .configNoOperation, "port \(service.port.name) has no operation \"\(wanted)\"",
                at: .address(service.location),
                advice: NearestName.advice(wanted, among: service.operations.map(\.name)))
        }
        self.init(service, from: location, name: name, operations: operations, security: security)
    }

    /// The source of a description that was read.
    ///
    /// - Parameter holding: streams that are put down as comments, with the reason.
    init(
        _ service: DescribedService, from location: String, name: String, operations: [String] = [],
        security: Security? = nil, holding: [String: String] = [:]
    ) {
        var prefixes = PrefixTable()
        var names: Set<String> = []
        var guesses: [StreamGuess] = []
        var remarks = service.remarks
        for operation in service.operations where operations.isEmpty || operations.contains(operation.name) {
            if ServiceWords.reads(operation.name) == false, operations.isEmpty {
                remarks.append("\(operation.name) seems to write: not taken")
                continue
            }
            if ServiceWords.logins.contains(ServiceWords.folded(operation.name)) {
                remarks.append("\(operation.name) seems to open a session: see login in KEYS.md")
                continue
            }
            guard let reading = OperationReading(operation, version: service.port.version) else {
                remarks.append("\(operation.name) gives no answer: not taken")
                continue
            }
            let made = reading.guesses(prefixes: &prefixes, names: &names)
            if made.isEmpty { remarks.append(Self.withoutRecords(operation)) }
            guesses += made
        }
        for index in guesses.indices {
            if let why = holding[guesses[index].name] { guesses[index].held.append(why) }
        }
        self.name = name
        self.service = service.port.service
        self.port = service.port.name
        version = service.port.version
        endpoint = service.port.address
        streams = guesses.map {
            Stream(
                name: $0.name, operation: $0.operation, record: $0.record, columns: $0.fields.map(\.column),
                held: $0.held)
        }
        for guess in guesses where !guess.held.isEmpty {
            remarks.append("stream \(guess.name) is a comment only: \(guess.held.joined(separator: "; "))")
        }
        if let doubt = Self.addressDoubt(service) { remarks.append(doubt) }
        notUnderstood = remarks
        section = SourceSectionWriter(
            service: service, name: name, location: location, prefixes: prefixes, guesses: guesses, remarks: remarks,
            security: security ?? Security(service.security)
        ).text()
    }

    private static func withoutRecords(_ operation: DescribedService.Operation) -> String {
        let leaves = operation.output?.leaves ?? []
        if leaves.count == 1, ["xs:string", "xs:anyType", "xs:base64Binary"].contains(leaves[0].leaf.simple ?? "") {
            let path = leaves[0].path.map(\.name.local).joined(separator: "/")
            return
                "\(operation.name) answers with one text (\(path)): if XML stands in it, write a stream with `inner: \(path)` and look at an answer for the record's path"
        }
        return leaves.isEmpty
            ? "\(operation.name): what its answer holds is not described: not taken"
            : "\(operation.name) answers with one record, not with many: not taken"
    }

    private static func addressDoubt(_ service: DescribedService) -> String? {
        let address = service.port.address
        if address.isEmpty { return "the description names no address of the service: write endpoint" }
        func host(_ text: String) -> Substring {
            (text.firstRange(of: "://").map { text[$0.upperBound...] } ?? "").prefix { $0 != "/" && $0 != "?" }
        }
        guard DescriptionLoader.isURL(service.location), host(service.location) != host(address) else { return nil }
        return
            "the description was read from \(host(service.location)) and names \(host(address)) as the service: look which of them can be reached"
    }
}

extension ImportedSource.Security {
    /// What a policy asks for.
    fileprivate init(_ policy: String?) {
        switch policy {
        case "usernameToken": self = .text
        case "basic": self = .basic
        default: self = .none
        }
    }
}
