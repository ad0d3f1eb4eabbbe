import Foundation
import HeatModel
import SOAPConnector

/// Reads a service description and what it imports: from files beside it or from the same host, each document once, so that
/// a circle ends. What stands elsewhere is not fetched, and told.
struct DescriptionLoader {
    /// A document with where it stands.
    struct Document {
        var location: String
        var root: XMLElement
        /// The namespace that an including schema lends to one that has none.
        var lentNamespace: String?
    }

    static let mostDocuments = 500
    static let mostBytes = 64 << 20

    private(set) var documents: [Document] = []
    /// What was not read, and why.
    private(set) var leftOut: [String] = []
    private var seen: Set<String> = []
    private var bytes = 0
    private let start: String
    private var isRemote: Bool { Self.isURL(start) }

    static func isURL(_ text: String) -> Bool {
        let text = text.lowercased()
        return text.hasPrefix("http://") || text.hasPrefix("https://")
    }

    /// - Parameter start: a path or an http(s) address.
    init(_ start: String) throws {
        self.start = Self.isURL(start) ? start : URL(fileURLWithPath: start).standardizedFileURL.path
        try read(self.start, lentNamespace: nil, isFirst: true)
    }

    private mutating func read(_ location: String, lentNamespace: String?, isFirst: Bool) throws {
        // A schema without a namespace of its own is another one in each that includes it.
        guard seen.insert(location + "\u{1F}" + (lentNamespace ?? "")).inserted else { return }
        if documents.count >= Self.mostDocuments {
            throw HearthError(
                .sourceDescriptionBounds, "the description imports more than \(Self.mostDocuments) documents",
                at: .address(start))
        }
        let content: [UInt8]
        do {
            content = try self.content(location)
        } catch {
            if isFirst { throw error }
            leftOut.append("\(Self.shown(location)) is imported and cannot be read")
            return
        }
        bytes += content.count
        if bytes > Self.mostBytes {
            throw HearthError(
                .sourceDescriptionBounds, "the description and its imports are larger than \(Self.mostBytes >> 20) MiB",
                at: .address(start))
        }
        let root: XMLElement
        do {
            root = try XMLElement.read(content, from: Self.shown(location))
        } catch let error as HearthError {
            if isFirst { throw error }
            leftOut.append("\(Self.shown(location)): \(error.message)")
            return
        }
        documents.append(Document(location: location, root: root, lentNamespace: lentNamespace))
        try follow(root, at: location)
    }

    private mutating func follow(_ element: XMLElement, at location: String) throws {
        if element.name == QName(Namespace.wsdl, "definitions") {
            for each in element.children("import", in: Namespace.wsdl) {
                if let target = each["location"] { try step(to: target, from: location, lent: nil) }
            }
            for types in element.children("types", in: Namespace.wsdl) {
                for schema in types.children("schema", in: Namespace.schema) { try follow(schema, at: location) }
            }
        } else if element.name == QName(Namespace.schema, "schema") {
            for each in element.children where each.name.namespace == Namespace.schema {
                guard let target = each["schemaLocation"] else { continue }
                switch each.name.local {
                case "import":
                    // The built-in namespaces need no document.
                    if Namespace.builtIn.contains(each["namespace"] ?? "") { continue }
                    try step(to: target, from: location, lent: nil)
                case "include", "redefine": try step(to: target, from: location, lent: element["targetNamespace"])
                default: break
                }
            }
        }
    }

    private mutating func step(to target: String, from location: String, lent: String?) throws {
        if isRemote {
            guard let base = URL(string: location), let url = URL(string: target, relativeTo: base)?.absoluteURL,
                let first = URL(string: start), Self.origin(url) == Self.origin(first)
            else {
                leftOut.append("\(Self.shown(target)) is imported from elsewhere and was not fetched")
                return
            }
            try read(url.absoluteString, lentNamespace: lent, isFirst: false)
            return
        }
        if target.contains("://") && !target.lowercased().hasPrefix("file://") {
            leftOut.append("\(Self.shown(target)) is imported from the network and was not fetched")
            return
        }
        let folder = (location as NSString).deletingLastPathComponent
        let path = target.lowercased().hasPrefix("file://") ? URL(string: target)?.path ?? target : target
        let decoded = path.removingPercentEncoding ?? path
        let full = decoded.hasPrefix("/") ? decoded : folder + "/" + decoded
        try read(URL(fileURLWithPath: full).standardizedFileURL.path, lentNamespace: lent, isFirst: false)
    }

    private func content(_ location: String) throws -> [UInt8] {
        if Self.isURL(location) {
            return try ServiceDescription.fetch(location, atMost: Self.mostBytes)
        }
        // Only a file has an end: a pipe or a device would be read for ever.
        let facts = try? FileManager.default.attributesOfItem(atPath: location)
        let target =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: location)) != nil
            ? try? FileManager.default.attributesOfItem(
                atPath: URL(fileURLWithPath: location).resolvingSymlinksInPath().path) : facts
        guard target?[.type] as? FileAttributeType == .typeRegular else { throw Self.missing(location) }
        if let size = target?[.size] as? Int, size > Self.mostBytes {
            throw HearthError(
                .sourceDescriptionBounds, "the description is larger than \(Self.mostBytes >> 20) MiB",
                at: .file(location, line: 0, column: 0), advice: "name a WSDL: none is as large as this")
        }
        guard let data = FileManager.default.contents(atPath: location) else { throw Self.missing(location) }
        return [UInt8](data)
    }

    private static func missing(_ location: String) -> HearthError {
        HearthError(
            .sourceDescriptionMissing, "the description cannot be read",
            at: .file(location, line: 0, column: 0),
            advice: "name a file, or an address such as http://host/service?wsdl")
    }

    /// Scheme, host and port, as they are meant: `HTTP://Host:80` is `http://host`.
    private static func origin(_ url: URL) -> [String] {
        let scheme = url.scheme?.lowercased() ?? ""
        return [scheme, url.host?.lowercased() ?? "", "\(url.port ?? (scheme == "https" ? 443 : 80))"]
    }

    /// An address without what may be secret in it.
    static func shown(_ location: String) -> String {
        guard isURL(location), var parts = URLComponents(string: location) else { return location }
        parts.user = nil
        parts.password = nil
        return parts.string ?? location
    }
}

/// The namespaces of descriptions.
enum Namespace {
    static let wsdl = "http://schemas.xmlsoap.org/wsdl/"
    static let schema = "http://www.w3.org/2001/XMLSchema"
    static let soap11 = "http://schemas.xmlsoap.org/wsdl/soap/"
    static let soap12 = "http://schemas.xmlsoap.org/wsdl/soap12/"
    static let encoding11 = "http://schemas.xmlsoap.org/soap/encoding/"
    static let envelope11 = "http://schemas.xmlsoap.org/soap/envelope/"
    static let envelope12 = "http://www.w3.org/2003/05/soap-envelope"
    static let builtIn: Set<String> = [
        schema, encoding11, "http://www.w3.org/XML/1998/namespace", envelope11, envelope12,
        "http://www.w3.org/2003/05/soap-encoding", wsdl,
    ]
}
