import HeatModel

/// A SOAP service as its WSDL 1.1 description has it: one port of it, its operations and the shapes of their messages.
struct DescribedService {
    struct Port: Hashable {
        var name: String
        var service: String
        var address: String
        /// "1.1" or "1.2".
        var version: String
        var binding: QName
    }

    struct Operation {
        var name: String
        var action: String?
        var isRPC: Bool
        /// What stands in the request's and the answer's `Body`.
        var input: Shape?
        var output: Shape?
        /// What must or may stand in the request's `Header`.
        var headers: [Shape] = []
        var answerHeaders: [Shape] = []
        var faults: [Shape] = []
        var note: String?
    }

    /// Where the description was read.
    var location: String
    var ports: [Port]
    /// The one that the operations are of.
    var port: Port
    var operations: [Operation]
    /// `usernameToken`, `basic` or `certificate`, where a policy asks for it.
    var security: String?
    /// What could not be read or is not supported.
    var remarks: [String]

    /// Reads a description with its imports.
    ///
    /// - Parameters:
    ///   - location: a file or an http(s) address.
    ///   - port: the port to take; else the first of SOAP 1.1, else the first of SOAP 1.2.
    /// - Throws: `config.noService` where there is no SOAP port, or none of this name; what the loader throws.
    init(_ location: String, port wanted: String? = nil) throws {
        let loader = try DescriptionLoader(location)
        var reader = Reader(loader)
        self.location = DescriptionLoader.shown(location)
        let place = Place.address(self.location)
        guard reader.isWSDL else {
            throw HearthError(
                .sourceNotADescription, "this is no WSDL 1.1 description", at: place,
                advice: "the address of a description mostly ends in ?wsdl; WSDL 2.0 and REST are not read")
        }
        ports = reader.ports()
        guard
            let port = ports.first(where: { $0.name == wanted })
                ?? (wanted == nil ? ports.first { $0.version == "1.1" } ?? ports.first : nil)
        else {
            throw HearthError(
                .configNoService,
                wanted.map { "the description has no SOAP port \"\($0)\"" } ?? "the description has no SOAP port",
                at: place,
                advice: ports.isEmpty
                    ? "ask for the description of the SOAP binding; HTTP GET and POST bindings are not read"
                    : "there are: \(ports.map(\.name).joined(separator: ", "))")
        }
        self.port = port
        operations = reader.operations(of: port)
        security = reader.security()
        remarks = reader.remarks
        if ports.count > 1 {
            let others = ports.filter { $0 != port }.map { "\($0.name) (SOAP \($0.version))" }
            remarks.append("other ports: \(others.joined(separator: ", ")); this is \(port.name)")
        }
    }
}

extension DescribedService {
    /// Goes from port to binding, port type, message and shape.
    private struct Reader {
        private let definitions: [XMLElement]
        private let builder: ShapeBuilder
        private var told: [String]
        private var messages: [QName: XMLElement] = [:]
        private var portTypes: [QName: XMLElement] = [:]
        private var bindings: [QName: XMLElement] = [:]

        var isWSDL: Bool { !definitions.isEmpty }
        var remarks: [String] { told + builder.remarks }

        init(_ loader: DescriptionLoader) {
            let schemas = SchemaSet()
            var definitions: [XMLElement] = []
            for document in loader.documents {
                if document.root.name == QName(Namespace.schema, "schema") {
                    schemas.add(document.root, lent: document.lentNamespace)
                } else if document.root.name == QName(Namespace.wsdl, "definitions") {
                    definitions.append(document.root)
                    for types in document.root.children("types", in: Namespace.wsdl) {
                        for schema in types.children("schema", in: Namespace.schema) { schemas.add(schema, lent: nil) }
                    }
                }
            }
            self.definitions = definitions
            builder = ShapeBuilder(schemas)
            told = loader.leftOut
            for root in definitions {
                let namespace = root["targetNamespace"] ?? ""
                for child in root.children where child.name.namespace == Namespace.wsdl {
                    guard let name = child["name"].map({ QName(namespace, $0) }) else { continue }
                    switch child.name.local {
                    case "message": messages[name] = child
                    case "portType": portTypes[name] = child
                    case "binding": bindings[name] = child
                    default: break
                    }
                }
            }
        }

        func ports() -> [Port] {
            var found: [Port] = []
            for root in definitions {
                for service in root.children("service", in: Namespace.wsdl) {
                    for port in service.children("port", in: Namespace.wsdl) {
                        guard let binding = port.qname(of: "binding"), let body = bindings[binding] else { continue }
                        let version =
                            body.first("binding", in: Namespace.soap11) != nil
                            ? "1.1" : body.first("binding", in: Namespace.soap12) != nil ? "1.2" : nil
                        guard let version else { continue }
                        let address = port.children.first { $0.name.local == "address" }?["location"] ?? ""
                        found.append(
                            Port(
                                name: port["name"] ?? "", service: service["name"] ?? "", address: address,
                                version: version, binding: binding))
                    }
                }
            }
            return found
        }

        /// What the policies of the description ask for.
        func security() -> String? {
            var found: Set<String> = []
            func walk(_ element: XMLElement) {
                found.insert(element.name.local)
                element.children.forEach(walk)
            }
            for root in definitions {
                for child in root.children where child.name.local == "Policy" || child.name.local == "binding" {
                    walk(child)
                }
            }
            if found.contains("UsernameToken") { return "usernameToken" }
            if found.contains("HttpBasicAuthentication") || found.contains("BasicAuthentication") { return "basic" }
            if found.contains("X509Token") || found.contains("RequireClientCertificate") { return "certificate" }
            return nil
        }

        mutating func operations(of port: Port) -> [Operation] {
            guard let binding = bindings[port.binding], let type = binding.qname(of: "type"),
                let portType = portTypes[type]
            else {
                told.append("the binding \(port.binding.local) or its port type is not described")
                return []
            }
            let soap = port.version == "1.1" ? Namespace.soap11 : Namespace.soap12
            let isRPCByDefault = binding.first("binding", in: soap)?["style"] == "rpc"
            var found: [Operation] = []
            for bound in binding.children("operation", in: Namespace.wsdl) {
                guard let name = bound["name"] else { continue }
                let same = portType.children("operation", in: Namespace.wsdl).filter { $0["name"] == name }
                if same.count > 1 { told.append("\(name) is described \(same.count) times; the first is taken") }
                if found.contains(where: { $0.name == name }) { continue }
                guard let abstract = same.first else { continue }
                let details = bound.first("operation", in: soap)
                let isRPC = details?["style"].map { $0 == "rpc" } ?? isRPCByDefault
                var operation = Operation(name: name, action: details?["soapAction"], isRPC: isRPC)
                operation.note = abstract.first("documentation", in: Namespace.wsdl)?.text
                    .split(whereSeparator: \.isWhitespace).joined(separator: " ")
                if operation.note?.isEmpty == true { operation.note = nil }
                if let input = abstract.first("input", in: Namespace.wsdl) {
                    let bound = bound.first("input", in: Namespace.wsdl)
                    operation.input = body(input, bound, soap, isRPC ? name : nil, name)
                    operation.headers = headers(bound, soap)
                }
                if let output = abstract.first("output", in: Namespace.wsdl) {
                    let bound = bound.first("output", in: Namespace.wsdl)
                    operation.output = body(output, bound, soap, isRPC ? name + "Response" : nil, name)
                    operation.answerHeaders = headers(bound, soap)
                }
                for fault in abstract.children("fault", in: Namespace.wsdl) {
                    guard let message = fault.qname(of: "message").flatMap({ messages[$0] }) else { continue }
                    for part in message.children("part", in: Namespace.wsdl) {
                        if let shape = self.part(part) { operation.faults.append(shape) }
                    }
                }
                found.append(operation)
            }
            return found
        }

        private func part(_ part: XMLElement) -> Shape? {
            if let element = part.qname(of: "element") { return builder.element(element) }
            return part.qname(of: "type").map { builder.part(part["name"] ?? "", type: $0) }
        }

        /// What stands in `Body`: the part's element, or for rpc a wrapper with a part in each of its children.
        private mutating func body(
            _ abstract: XMLElement, _ bound: XMLElement?, _ soap: String, _ wrapper: String?, _ name: String
        ) -> Shape? {
            guard let reference = abstract.qname(of: "message") else { return nil }
            guard let message = messages[reference] else {
                told.append("\(name): the message \(reference.local) is not described")
                return nil
            }
            let body = bound.flatMap { Self.find("body", soap, in: $0) }
            if body?["use"] == "encoded" {
                told.append(
                    "\(name) is rpc/encoded: types may stand in the answer as xsi:type, and records may be multiRef elements"
                )
            }
            var parts = message.children("part", in: Namespace.wsdl)
            if let listed = body?["parts"]?.split(separator: " ").map(String.init) {
                parts = parts.filter { listed.contains($0["name"] ?? "") }
            } else if let bound {
                let inHeader = Self.all("header", soap, in: bound).filter {
                    $0.qname(of: "message") == reference
                }.compactMap { $0["part"] }
                parts = parts.filter { !inHeader.contains($0["name"] ?? "") }
            }
            if let wrapper {
                var shape = Shape(name: QName(body?["namespace"] ?? "", wrapper))
                shape.children = parts.compactMap { self.part($0) }
                return shape
            }
            if parts.count > 1 {
                told.append("\(name): the message \(reference.local) has \(parts.count) parts in its body")
            }
            return parts.first.flatMap { self.part($0) }
        }

        private func headers(_ bound: XMLElement?, _ soap: String) -> [Shape] {
            guard let bound else { return [] }
            return Self.all("header", soap, in: bound).compactMap { header in
                guard let message = header.qname(of: "message").flatMap({ messages[$0] }) else { return nil }
                return message.children("part", in: Namespace.wsdl).first { $0["name"] == header["part"] }
                    .flatMap { self.part($0) }
            }
        }

        /// Also within `mime:multipartRelated`.
        private static func find(_ local: String, _ soap: String, in bound: XMLElement) -> XMLElement? {
            all(local, soap, in: bound).first
        }

        private static func all(_ local: String, _ soap: String, in bound: XMLElement) -> [XMLElement] {
            bound.children.flatMap { child in
                child.name == QName(soap, local) ? [child] : all(local, soap, in: child)
            }
        }
    }
}
