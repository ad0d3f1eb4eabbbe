/// Writes the section of an imported source.
struct SourceSectionWriter {
    let service: DescribedService
    let name: String
    let location: String
    let prefixes: PrefixTable
    let guesses: [StreamGuess]
    let remarks: [String]
    let security: ImportedSource.Security

    func text() -> String {
        var lines = [
            "  # \(service.port.service), port \(service.port.name) (SOAP \(service.port.version)), from \(service.location)",
            "  # Guesses are marked as such: the description names things, it does not say what they mean.",
            "  \(name):", "    soap:", "      endpoint: \(Self.quoted(service.port.address))",
            "      version: \"\(service.port.version)\"",
        ]
        if DescriptionLoader.isURL(location) { lines.append("      wsdl: \(Self.quoted(service.location))") }
        let listed = prefixes.namespaces.map { "\($0.prefix): \(Self.quoted($0.namespace))" }
        if !listed.isEmpty { lines.append("      namespaces: {\(listed.joined(separator: ", "))}") }
        lines += securityLines()
        let active = guesses.filter { $0.held.isEmpty }
        lines.append(active.isEmpty ? "    streams: {}" : "    streams:")
        for guess in active { lines += stream(guess) }
        for guess in guesses where !guess.held.isEmpty {
            lines.append("      # Not read as it is: \(guess.held.joined(separator: "; "))")
            lines += stream(guess).map { "      # " + $0.dropFirst(6) }
        }
        if !remarks.isEmpty {
            lines.append("    # Not understood, or not taken:")
            lines += remarks.map { "    #   - " + Self.oneLine($0) }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func securityLines() -> [String] {
        let variable = name.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
        let base = String(variable)
        let who = "user: \"${env:\(base)_USER}\", password: \"${env:\(base)_PASSWORD}\""
        switch security {
        case .none:
            return service.security == "certificate"
                ? ["      # The policy asks for a client certificate: tls: {certificate: client.pem, key: client.key}"]
                : []
        case .basic: return ["      basic: {\(who)}"]
        case .text, .digest: return ["      usernameToken: {\(who), type: \(security.rawValue)}"]
        }
    }

    private func stream(_ guess: StreamGuess) -> [String] {
        var lines = ["      \(guess.name):", "        operation: \(Self.quoted(guess.operation))"]
        if let action = guess.action, !action.isEmpty { lines.append("        action: \(Self.quoted(action))") }
        for parameter in guess.parameters {
            let sent = parameter.value.map { $0.isEmpty ? "sent empty" : "sent as \($0)" } ?? "left out"
            let note = parameter.note.map { " (\(Self.oneLine($0)))" } ?? ""
            lines.append(
                "        # \(parameter.path): \(parameter.type), \(parameter.isRequired ? "required" : "optional"), \(sent)\(note)"
            )
        }
        let body = guess.body.split(separator: "\n", omittingEmptySubsequences: false)
        lines.append("        body: |")
        lines += body.map { "          " + personal($0) }
        lines.append("        record: \(Self.quoted(guess.record))")
        if !guess.key.isEmpty {
            lines.append("        key: [\(guess.key.joined(separator: ", "))]        # a guess, by the names")
        }
        for each in guess.guesses { lines.append("        # a guess: \(each)") }
        lines += paging(guess)
        if let success = guess.success {
            let message = success.message.map { ", message: \(Self.quoted($0))" } ?? ""
            if let values = success.values {
                let list = values.map(Self.quoted).joined(separator: ", ")
                lines.append("        success: {path: \(Self.quoted(success.path)), is: [\(list)]\(message)}")
            } else {
                lines.append(
                    "        # success: {path: \(Self.quoted(success.path)), is: \"0\"\(message)}      which text means success is not described"
                )
            }
        }
        for fault in guess.faults { lines.append("        # fault: \(fault)") }
        lines.append("        fields:")
        let width = guess.fields.map { $0.column.count }.max() ?? 0
        for field in guess.fields {
            var value = Self.quoted(field.path)
            if field.isMany {
                value = "{path: \(value), join: \"、\"\(field.isOptional ? ", optional: true" : "")}"
            } else if field.isOptional, !guess.key.contains(field.column), guess.cursor?.column != field.column {
                value = "{path: \(value), optional: true}"
            }
            let blanks = String(repeating: " ", count: max(1, width - field.column.count + 1))
            let codes = field.codes.isEmpty ? "" : ": " + field.codes.prefix(20).joined(separator: ", ")
            let note = field.note.map { " · \($0)" } ?? ""
            lines.append(
                "          \(field.column):\(blanks)\(value)      # \(field.type) → \(field.rule)\(Self.oneLine(codes + note))"
            )
        }
        return lines
    }

    /// A user or password that a request holds comes from outside under this source's name.
    private func personal(_ line: Substring) -> String {
        let variable = String(name.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
        return String(line).replacing("${env:SERVICE_", with: "${env:\(variable)_")
    }

    private func paging(_ guess: StreamGuess) -> [String] {
        var lines: [String] = []
        if guess.isPaged {
            var parts = ["size: 500"]
            if let path = guess.hasMore { parts.append("hasMore: \(Self.quoted(path))") }
            if let path = guess.pageCount { parts.append("count: \(Self.quoted(path))") }
            if let path = guess.total { parts.append("total: \(Self.quoted(path))") }
            lines.append("        pages: {\(parts.joined(separator: ", "))}        # a guess: the first page is 1")
        } else if let next = guess.nextToken {
            lines.append("        token: {next: \(Self.quoted(next)), size: 500}        # a guess, by the names")
        } else if guess.isWindow {
            lines.append("        window: {startsAt: 2020-01-01T00:00:00+08:00, step: 2592000, lookback: 86400}")
        }
        if let cursor = guess.cursor {
            let lookback = cursor.order == "instant" ? ", lookback: 600" : ""
            lines.append(
                "        cursor: {column: \(cursor.column), order: \(cursor.order)\(lookback), startsAt: \(Self.quoted(cursor.startsAt))}"
            )
        }
        return lines
    }

    /// A text in double quotes, as YAML has it.
    static func quoted(_ text: String) -> String { YAMLText.quoted(text) }
    private static func oneLine(_ text: String) -> String { YAMLText.oneLine(text) }
}
