import SOAPConnector

/// What of an operation can be told: the records in its answer, how it pages, what it is filtered by.
struct OperationReading {
    let operation: DescribedService.Operation
    let version: String
    private let output: Shape
    private let input: Shape?

    /// Nil for an operation without an answer.
    init?(_ operation: DescribedService.Operation, version: String) {
        guard let output = operation.output else { return nil }
        self.operation = operation
        self.version = version
        self.output = output
        input = operation.input
    }

    /// Where records may stand: the outermost elements that stand several times, and those within them.
    struct Records {
        /// From the outermost element of `Body` to the record.
        var chain: [Shape]
        /// Index of the record that this one stands in; nil for the outermost.
        var outer: Int?
        var record: Shape { chain[chain.count - 1] }
    }

    func records() -> [Records] {
        var found: [Records] = []
        func walk(_ shape: Shape, _ chain: [Shape], _ outer: Int?) {
            let chain = chain + [shape]
            var outer = outer
            if shape.isMany, !shape.elements.isEmpty || shape.children.contains(where: \.isAttribute), chain.count > 1 {
                if let outer {
                    found.append(Records(chain: Array(chain[outer...]), outer: 0))
                    return
                }
                found.append(Records(chain: chain, outer: nil))
                outer = chain.count - 1
            }
            if chain.count > 12 { return }
            for child in shape.elements { walk(child, chain, outer) }
        }
        walk(output, [], nil)
        let outermost = found.filter { $0.outer == nil }
        // Of several lists beside each other the one with most in it is what the operation is about.
        guard let main = outermost.max(by: { $0.record.leaves.count < $1.record.leaves.count }) else { return [] }
        let name = main.record.name
        return [main] + found.filter { $0.outer != nil && $0.chain[0].name == name }
    }

    /// Texts outside of the records that say something of the answer as a whole.
    func statements() -> [(meaning: ServiceWords.Statement, path: [Shape])] {
        var found: [(ServiceWords.Statement, [Shape])] = []
        func walk(_ shape: Shape, _ chain: [Shape]) {
            if shape.isMany, chain.count > 0 { return }
            let chain = chain + [shape]
            if shape.simple != nil, chain.count <= 5, let meaning = ServiceWords.statement(shape.name.local) {
                found.append((meaning, chain))
            }
            for child in shape.children { walk(child, chain) }
        }
        walk(output, [])
        return found
    }

    func guesses(prefixes: inout PrefixTable, names: inout Set<String>) -> [StreamGuess] {
        let records = records()
        if records.isEmpty { return [] }
        let statements = statements()
        func path(_ meaning: ServiceWords.Statement, _ prefixes: inout PrefixTable) -> String? {
            statements.first { $0.meaning == meaning }.map { place($0.path, &prefixes) }
        }
        let asked = Set((input?.leaves ?? []).compactMap { ServiceWords.parameter($0.leaf.name.local) })
        var made: [StreamGuess] = []
        var mainFields: [StreamGuess.Field] = []
        for each in records {
            let isMain = each.outer == nil
            var guess = StreamGuess(
                name: "", operation: operation.name, action: operation.action, body: "", record: "", fields: [])
            var values: [ServiceWords.Parameter: String] = [
                .user: "${env:SERVICE_USER}", .password: "${env:SERVICE_PASSWORD}", .session: "{{session}}",
            ]
            // What is sent comes first, so that its namespace is `d`.
            _ = input.map { prefixes.prefix(of: $0.name.namespace) }
            guess.record = recordPath(each, &prefixes)
            guess.fields = fields(each, &prefixes)
            if isMain { mainFields = guess.fields }
            guess.name = unique(name(each), &names)
            if asked.contains(.page) {
                guess.isPaged = true
                values[.page] = "{{page}}"
                values[.pageSize] = "{{pageSize}}"
                guess.hasMore = path(.hasMore, &prefixes)
                guess.total = isMain ? path(.total, &prefixes) : nil
                guess.pageCount = path(.pageCount, &prefixes)
            } else if asked.contains(.token) {
                if let next = path(.nextToken, &prefixes) {
                    guess.nextToken = next
                    values[.token] = "{{token}}"
                    values[.pageSize] = "{{pageSize}}"
                } else {
                    guess.held.append(
                        "it goes on from a value of the answer before (\(parameterName(.token))), and the answer's body does not say where that stands: read as it is, it would end with the first answer"
                    )
                }
            } else if asked.contains(.pageSize) {
                values[.pageSize] = "100000"
                guess.guesses.append(
                    "\(parameterName(.pageSize)) bounds the answer and nothing asks for the next part: 100000 is sent")
                if path(.total, &prefixes) == nil && path(.hasMore, &prefixes) == nil {
                    guess.held.append("nothing in the answer says whether \(parameterName(.pageSize)) cut it off")
                }
            }
            follow(&guess, asked, each, mainFields, &values)
            guess.success = success(statements, &prefixes)
            let request = self.request(values, &prefixes)
            guess.body = request.body
            guess.parameters = request.parameters
            if !request.toFill.isEmpty {
                guess.held.append(
                    "it needs \(request.toFill.map(\.path).prefix(6).joined(separator: ", ")): fill in the values")
            }
            if asked.contains(.session) { guess.held.append("it needs a session: configure login") }
            guess.key = key(guess.fields, each, mainFields)
            guess.faults = operation.faults.map(Self.faultText)
            if ServiceWords.reads(operation.name) == nil {
                guess.held.append("its name does not say that it only reads: make sure of it")
            }
            made.append(guess)
        }
        return made
    }

    // MARK: Request

    private func request(_ values: [ServiceWords.Parameter: String], _ prefixes: inout PrefixTable) -> (
        body: String, parameters: [RequestWriter.Parameter], toFill: [RequestWriter.Parameter]
    ) {
        var writer = RequestWriter(values: values, operation: operation.name)
        let needed = operation.headers
        let body = input.map { writer.write($0, &prefixes, indent: needed.isEmpty ? 0 : 2) } ?? ""
        if needed.isEmpty { return (body, writer.parameters, writer.toFill) }
        let headers = needed.map { writer.write($0, &prefixes, indent: 2) }.joined(separator: "\n")
        let envelope = version == "1.2" ? Namespace.envelope12 : Namespace.envelope11
        let declared = prefixes.namespaces.map { " xmlns:\($0.prefix)=\"\($0.namespace.xmlEscaped)\"" }.joined()
        return (
            """
            <soap:Envelope xmlns:soap="\(envelope)"\(declared)>
              <soap:Header>
            \(headers)
                {{security}}
              </soap:Header>
              <soap:Body>
            \(body)
              </soap:Body>
            </soap:Envelope>
            """, writer.parameters, writer.toFill
        )
    }

    private func parameterName(_ meaning: ServiceWords.Parameter) -> String {
        input?.leaves.first { ServiceWords.parameter($0.leaf.name.local) == meaning }?.leaf.name.local ?? "\(meaning)"
    }

    /// The filter by time: a cursor where the records say when they changed, else a window, else a fixed beginning.
    private func follow(
        _ guess: inout StreamGuess, _ asked: Set<ServiceWords.Parameter>, _ each: Records,
        _ main: [StreamGuess.Field], _ values: inout [ServiceWords.Parameter: String]
    ) {
        guard asked.contains(.since) else { return }
        let leaf = input?.leaves.first { ServiceWords.parameter($0.leaf.name.local) == .since }?.leaf
        let isNumber = StreamGuess.rule(leaf?.simple ?? "", codes: []).hasPrefix("integer")
        let start = isNumber ? "0" : leaf?.simple == "xs:date" ? "2000-01-01" : "2000-01-01T00:00:00+08:00"
        let changed = Self.moment(guess.fields, ServiceWords.changes) ?? Self.moment(guess.fields, ServiceWords.moments)
        if let changed, !isNumber || changed.rule.hasPrefix("integer") {
            values[.since] = "{{cursor}}"
            if asked.contains(.until) { values[.until] = "2099-12-31T23:59:59+08:00" }
            guess.cursor = (changed.column, isNumber ? "number" : "instant", start)
            guess.guesses.append(
                "\(parameterName(.since)) is taken to ask for records whose \(changed.column) is not earlier")
        } else if asked.contains(.until), !guess.isPaged, guess.nextToken == nil {
            values[.since] = "{{windowStart}}"
            values[.until] = "{{windowEnd}}"
            guess.isWindow = true
            guess.guesses.append(
                "\(parameterName(.since)) and \(parameterName(.until)) are taken to bound the time of change")
        } else {
            values[.since] = start
            values[.until] = "2099-12-31T23:59:59+08:00"
            guess.guesses.append("no field says when a record changed: all is read each time, from \(start) on")
        }
    }

    private static func moment(_ fields: [StreamGuess.Field], _ names: [String]) -> StreamGuess.Field? {
        for name in names {
            let found = fields.first {
                ServiceWords.folded($0.column) == name && !$0.isMany && ["instant", "date", "text"].contains($0.rule)
            }
            if let found { return found }
        }
        return nil
    }

    // MARK: Records

    private func recordPath(_ each: Records, _ prefixes: inout PrefixTable) -> String {
        let steps = each.outer == nil ? Array(each.chain.suffix(2)) : each.chain
        return steps.map { prefixes.step($0) }.joined(separator: "/")
    }

    /// A place outside of the records: the element with the one around it.
    private func place(_ chain: [Shape], _ prefixes: inout PrefixTable) -> String {
        chain.suffix(2).map { prefixes.step($0) }.joined(separator: "/")
    }

    private func name(_ each: Records) -> String {
        if each.outer != nil {
            return Self.small(each.chain[0].name.local) + Self.large(each.record.name.local) + "s"
        }
        var name = operation.name
        for verb in ["Get", "Query", "List", "Find", "Search", "Read", "Fetch", "Select", "Retrieve", "Export", "All"]
        where name.lowercased().hasPrefix(verb.lowercased()) && name.count > verb.count {
            name = String(name.dropFirst(verb.count))
        }
        return Self.small(name)
    }

    private func unique(_ name: String, _ names: inout Set<String>) -> String {
        let clean = String(name.filter { $0.isLetter || $0.isNumber || $0 == "_" })
        var made = clean.isEmpty ? "stream" : clean
        var number = 2
        while !names.insert(made).inserted {
            made = "\(clean)\(number)"
            number += 1
        }
        return made
    }

    private func fields(_ each: Records, _ prefixes: inout PrefixTable) -> [StreamGuess.Field] {
        var found: [StreamGuess.Field] = []
        var columns: Set<String> = []
        func add(_ shape: Shape, path: String, names: [String], isOptional: Bool, isMany: Bool) {
            guard let type = shape.simple, !path.isEmpty else { return }
            // A container's name says nothing where the leaf's own does.
            var column = Self.small(names.last ?? "")
            if names.count > 1, columns.contains(column) || shape.isAttribute || Self.isGeneric(column) {
                column = Self.small(names[names.count - 2]) + Self.large(names[names.count - 1])
            }
            let base = column
            var number = 2
            while !columns.insert(column).inserted {
                column = "\(base)\(number)"
                number += 1
            }
            found.append(
                StreamGuess.Field(
                    column: column, path: path, type: type, rule: StreamGuess.rule(type, codes: shape.codes),
                    isOptional: isOptional, isMany: isMany, codes: shape.codes, note: shape.note))
        }
        func walk(_ shape: Shape, _ path: [String], _ names: [String], isOptional: Bool, isMany: Bool) {
            let here = path.joined(separator: "/")
            for child in shape.children where child.isAttribute {
                add(
                    child, path: (path + [prefixes.step(child)]).joined(separator: "/"),
                    names: names + [child.name.local], isOptional: isOptional || child.isOptional, isMany: isMany)
            }
            if shape.simple != nil {
                add(shape, path: here.isEmpty ? "." : here, names: names, isOptional: isOptional, isMany: isMany)
            }
            for child in shape.elements {
                // Records within a record are a stream of their own.
                if child.isMany, !child.elements.isEmpty || child.children.contains(where: \.isAttribute) { continue }
                walk(
                    child, path + [prefixes.step(child)], names + [child.name.local],
                    isOptional: isOptional || child.isOptional, isMany: isMany || child.isMany)
            }
        }
        if each.outer != nil { around(each, &prefixes, &found, &columns) }
        walk(
            each.record, [], each.record.simple == nil ? [] : [each.record.name.local], isOptional: false, isMany: false
        )
        return found
    }

    /// What the record around says before this one begins: an answer is read once, forwards.
    private func around(
        _ each: Records, _ prefixes: inout PrefixTable, _ found: inout [StreamGuess.Field], _ columns: inout Set<String>
    ) {
        let outer = each.chain[0]
        let up = Array(repeating: "..", count: each.chain.count - 1)
        let list = each.chain[1].name
        var shapes = outer.children.filter(\.isAttribute)
        shapes += outer.elements.prefix { $0.name != list || each.chain.count < 2 }
            .filter { $0.simple != nil && !$0.isMany && ServiceWords.belongsAround($0.name.local) }
        // Elements after the list that a schema puts in an order of its own cannot be read.
        for shape in shapes where shape.simple != nil {
            let local = Self.small(shape.name.local)
            let own = each.record.children.contains { Self.small($0.name.local) == local }
            var column = own || Self.isGeneric(local) ? Self.small(outer.name.local) + Self.large(local) : local
            while !columns.insert(column).inserted { column += "Outer" }
            let type = shape.simple ?? "xs:string"
            found.append(
                StreamGuess.Field(
                    column: column, path: (up + [prefixes.step(shape)]).joined(separator: "/"), type: type,
                    rule: StreamGuess.rule(type, codes: shape.codes), isOptional: shape.isOptional, isMany: false,
                    codes: shape.codes, note: shape.note))
        }
    }

    private func key(_ fields: [StreamGuess.Field], _ each: Records, _ main: [StreamGuess.Field]) -> [String] {
        func identity(_ candidates: [StreamGuess.Field], of name: String) -> String? {
            let own = ServiceWords.folded(name)
            for word in ServiceWords.identities {
                let found = candidates.first {
                    let column = ServiceWords.folded($0.column)
                    return !$0.isMany && (column == word || column == own + word)
                }
                if let found { return found.column }
            }
            return nil
        }
        if each.outer == nil { return identity(fields, of: each.record.name.local).map { [$0] } ?? [] }
        let outside = fields.filter { $0.path.hasPrefix("../") }
        let inside = fields.filter { !$0.path.hasPrefix("../") }
        guard let outer = identity(outside, of: each.chain[0].name.local),
            let inner = identity(inside, of: each.record.name.local)
        else { return [] }
        return [outer, inner]
    }

    private func success(
        _ statements: [(meaning: ServiceWords.Statement, path: [Shape])], _ prefixes: inout PrefixTable
    ) -> StreamGuess.Success? {
        guard let code = statements.first(where: { $0.meaning == .resultCode }), let leaf = code.path.last else {
            return nil
        }
        let message = statements.first { $0.meaning == .message }.map { place($0.path, &prefixes) }
        var values: [String]?
        let good = ["OK", "SUCCESS", "Success", "Ok", "ok", "success", "0", "SUCCEEDED"]
        if let value = leaf.codes.first(where: good.contains) { values = [value] }
        if leaf.simple == "xs:boolean" { values = ["true", "1"] }
        return StreamGuess.Success(path: place(code.path, &prefixes), values: values, message: message)
    }

    static func faultText(_ fault: Shape) -> String {
        let leaves = fault.leaves.filter { $0.path.count > 1 }.prefix(8).map {
            "\($0.leaf.name.local) \($0.leaf.simple ?? "")"
        }
        return fault.name.local + (leaves.isEmpty ? "" : ": " + leaves.joined(separator: ", "))
    }

    // MARK: Names

    private static func isGeneric(_ column: String) -> Bool {
        [
            "id", "no", "number", "code", "name", "type", "value", "status", "state", "key", "mRID", "mrid", "dateTime",
            "date", "time",
        ].contains(column)
    }

    /// `AccountNo` → `accountNo`, `ACCOUNT_NO` → `account_no`, `mRID` stays.
    static func small(_ name: String) -> String {
        if name.allSatisfy({ !$0.isLowercase }) { return name.lowercased() }
        let head = name.prefix { $0.isUppercase }
        if head.count <= 1 { return name.prefix(1).lowercased() + name.dropFirst() }
        return head.dropLast().lowercased() + name.dropFirst(head.count - 1)
    }

    private static func large(_ name: String) -> String { name.prefix(1).uppercased() + name.dropFirst() }
}
