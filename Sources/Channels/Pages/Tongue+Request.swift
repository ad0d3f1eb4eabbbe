/// In which language a request is answered.
extension WebRequest {
    /// The one that is asked for (`?lang=en`), else the one that the person chose before, else the browser's.
    ///
    /// - Parameter name: of the cookie that keeps the choice, where one does.
    package func tongue(keptIn name: String? = nil) -> Tongue {
        query["lang"].flatMap { Tongue(rawValue: $0) }
            ?? name.flatMap { cookie($0) }.flatMap { Tongue(rawValue: $0) }
            ?? Tongue(accepting: fields["accept-language"])
    }

    /// What has a browser keep the language that is asked for.
    package func keptTongue(
        in name: String, below path: String, isSecure: Bool
    ) -> [(name: String, value: String)] {
        query["lang"].flatMap { Tongue(rawValue: $0) }.map {
            [CookieKeys.header(name, $0.rawValue, below: path, seconds: 365 * 86_400, isSecure: isSecure)]
        } ?? []
    }

    /// Where the same page is in another language.
    ///
    /// - Parameter first: where to go from what was posted, which has no address of its own.
    package func address(in tongue: Tongue, orTo first: String) -> String {
        method == .get ? address(with: ["lang": tongue.rawValue]) : "\(first)?lang=\(tongue.rawValue)"
    }

    /// The path with its query, as a link has it: with what is given, without what is empty.
    package func address(with more: [String: String] = [:]) -> String {
        let query = query.merging(more) { $1 }.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }
        return path + (query.isEmpty ? "" : "?")
            + query.map { FormBody.encoded($0.key) + "=" + FormBody.encoded($0.value) }.joined(separator: "&")
    }
}
