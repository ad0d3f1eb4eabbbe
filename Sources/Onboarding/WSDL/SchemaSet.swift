/// All schemas of a description in one table: a name is found by its namespace, whether or not one schema imports the other.
final class SchemaSet {
    /// What a schema says of all that stands in it.
    final class Schema {
        let namespace: String
        let qualifiesElements: Bool
        let qualifiesAttributes: Bool

        init(_ element: XMLElement, lent: String?) {
            namespace = element["targetNamespace"] ?? lent ?? ""
            qualifiesElements = element["elementFormDefault"] == "qualified"
            qualifiesAttributes = element["attributeFormDefault"] == "qualified"
        }
    }

    struct Declared {
        var element: XMLElement
        var schema: Schema
        /// Whether the schema lends its namespace to names without one (`include` of one without a namespace).
        var lent: String?
    }

    private(set) var elements: [QName: Declared] = [:]
    private(set) var types: [QName: Declared] = [:]
    private(set) var groups: [QName: Declared] = [:]
    private(set) var attributeGroups: [QName: Declared] = [:]
    private(set) var attributes: [QName: Declared] = [:]
    /// Types that extend or restrict one, in order of their names.
    private(set) var derived: [QName: [QName]] = [:]
    /// Elements that may stand for another.
    private(set) var substitutes: [QName: [QName]] = [:]

    func add(_ root: XMLElement, lent: String?) {
        let schema = Schema(root, lent: lent)
        let isLent = root["targetNamespace"] == nil ? lent : nil
        add(root.children, schema, isLent)
        derived = derived.mapValues { $0.sorted() }
        substitutes = substitutes.mapValues { $0.sorted() }
    }

    private func add(_ children: [XMLElement], _ schema: Schema, _ lent: String?) {
        for child in children where child.name.namespace == Namespace.schema {
            if child.name.local == "redefine" {
                add(child.children, schema, lent)
                continue
            }
            guard let name = child["name"] else { continue }
            let key = QName(schema.namespace, name)
            let declared = Declared(element: child, schema: schema, lent: lent)
            switch child.name.local {
            case "element":
                elements[key] = declared
                if let head = child.qname(of: "substitutionGroup") {
                    substitutes[lend(head, lent), default: []].append(key)
                }
            case "complexType", "simpleType":
                types[key] = declared
                for content in child.children where ["complexContent", "simpleContent"].contains(content.name.local) {
                    for step in content.children {
                        guard let base = step.qname(of: "base"), step.name.local == "extension" else { continue }
                        derived[lend(base, lent), default: []].append(key)
                    }
                }
            case "group": groups[key] = declared
            case "attributeGroup": attributeGroups[key] = declared
            case "attribute": attributes[key] = declared
            default: break
            }
        }
    }

    /// A name without a namespace, in a schema that has its namespace from another.
    func lend(_ name: QName, _ lent: String?) -> QName {
        if let lent, name.namespace.isEmpty { return QName(lent, name.local) }
        return name
    }
}
