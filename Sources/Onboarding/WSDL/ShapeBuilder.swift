/// Makes the shape of an element from the schemas. Bounded in depth and number; a type within itself is cut.
final class ShapeBuilder {
    private let schemas: SchemaSet
    private(set) var remarks: [String] = []
    private var budget = 0
    /// Groups, unions and attributes are gone through, too: they multiply without an element.
    private var steps = 0
    private static let most = 5_000
    private static let mostSteps = 100_000
    private static let deepest = 24

    init(_ schemas: SchemaSet) { self.schemas = schemas }

    private func begin() {
        budget = Self.most
        steps = Self.mostSteps
    }

    /// False once so much was gone through that nobody wrote it by hand.
    private func goOn() -> Bool {
        steps -= 1
        if steps < 0 { remark("the message has more than \(Self.mostSteps) parts; the rest is left out") }
        return steps >= 0
    }

    /// The shape of a global element. Nil where no schema declares it.
    func element(_ name: QName) -> Shape? {
        begin()
        guard let declared = schemas.elements[name] else {
            remark("no schema declares the element \(name.local) in \(name.namespace)")
            return nil
        }
        return shape(of: declared.element, declared.schema, declared.lent, isGlobal: true, stack: []).first
    }

    /// The shape of a message's part that names a type.
    func part(_ name: String, type: QName, in namespace: String = "") -> Shape {
        begin()
        var shape = Shape(name: QName(namespace, name))
        fill(&shape, type: type, stack: [])
        return shape
    }

    private func remark(_ text: String) { if !remarks.contains(text) { remarks.append(text) } }

    // MARK: Elements

    /// One shape, or several where others may stand in the element's place.
    private func shape(
        of element: XMLElement, _ schema: SchemaSet.Schema, _ lent: String?, isGlobal: Bool, stack: [QName]
    ) -> [Shape] {
        budget -= 1
        if budget < 0 {
            remark("the message has more than \(Self.most) elements; the rest is left out")
            return []
        }
        let minimum = Int(element["minOccurs"] ?? "1") ?? 1
        let maximum = element["maxOccurs"] == "unbounded" ? nil : Int(element["maxOccurs"] ?? "1") ?? 1
        if let reference = element.qname(of: "ref").map({ schemas.lend($0, lent) }) {
            guard let declared = schemas.elements[reference] else {
                remark("no schema declares the element \(reference.local) in \(reference.namespace)")
                return []
            }
            let members = stands(for: reference)
            let isAbstract = declared.element["abstract"] == "true"
            let names = (isAbstract ? [] : [reference]) + members
            return names.flatMap { name -> [Shape] in
                guard let one = schemas.elements[name] else { return [] }
                return self.shape(of: one.element, one.schema, one.lent, isGlobal: true, stack: stack).map {
                    var shape = $0
                    shape.minimum = minimum
                    shape.maximum = maximum
                    if names.count > 1 { shape.isChoice = true }
                    return shape
                }
            }
        }
        guard let name = element["name"] else { return [] }
        var stack = stack
        // A declared element may hold itself without a type that has a name.
        let mark = QName("element " + schema.namespace, name)
        let isWithinItself = isGlobal && stack.contains(mark)
        if isGlobal { stack.append(mark) }
        let isQualified = isGlobal || (element["form"].map { $0 == "qualified" } ?? schema.qualifiesElements)
        var shape = Shape(name: QName(isQualified ? schema.namespace : "", name))
        shape.minimum = isGlobal ? 1 : minimum
        shape.maximum = isGlobal ? 1 : maximum
        shape.isNillable = element["nillable"] == "true"
        shape.fixed = element["fixed"] ?? element["default"]
        shape.note = Self.note(element)
        if isWithinItself || stack.count > Self.deepest {
            shape.isCut = true
            return [shape]
        }
        if let type = element.qname(of: "type") {
            fill(&shape, type: schemas.lend(type, lent), stack: stack)
        } else if let inner = element.children.first(where: { ["complexType", "simpleType"].contains($0.name.local) }) {
            fill(&shape, inner, schema, lent, stack: stack)
        } else if let head = element.qname(of: "substitutionGroup").map({ schemas.lend($0, lent) }),
            let type = schemas.elements[head]?.element.qname(of: "type")
        {
            fill(&shape, type: type, stack: stack)
        } else {
            shape.simple = "xs:anyType"
        }
        return [shape]
    }

    private func stands(for head: QName) -> [QName] {
        var found: [QName] = []
        var open = schemas.substitutes[head] ?? []
        while let next = open.first, found.count < 50 {
            open.removeFirst()
            if found.contains(next) || next == head { continue }
            if schemas.elements[next]?.element["abstract"] != "true" { found.append(next) }
            open += schemas.substitutes[next] ?? []
        }
        return found
    }

    private static func note(_ element: XMLElement) -> String? {
        let text = element.first("annotation", in: Namespace.schema)?.children
            .filter { $0.name.local == "documentation" }.map(\.text).joined(separator: " ")
        let words = (text ?? "").split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return words.isEmpty ? nil : String(words.prefix(120))
    }

    // MARK: Types

    private func fill(_ shape: inout Shape, type: QName, stack: [QName]) {
        if type.namespace == Namespace.schema || type.namespace == Namespace.encoding11 {
            shape.simple = "xs:" + type.local
            if type.local == "anyType" { remark("\(shape.name.local) may hold anything (xs:anyType)") }
            return
        }
        shape.typeName = type.local
        guard let declared = schemas.types[type] else {
            remark("no schema declares the type \(type.local) in \(type.namespace)")
            shape.simple = "xs:anyType"
            return
        }
        if stack.contains(type) || stack.count > Self.deepest {
            shape.isCut = true
            return
        }
        fill(&shape, declared.element, declared.schema, declared.lent, stack: stack + [type])
        let heirs = heirs(of: type)
        if declared.element["abstract"] == "true" || !heirs.isEmpty {
            for heir in heirs {
                guard let other = schemas.types[heir], !stack.contains(heir) else { continue }
                var extended = Shape(name: shape.name)
                fill(&extended, other.element, other.schema, other.lent, stack: stack + [type, heir])
                for var child in extended.children
                where !shape.children.contains(where: { $0.name == child.name && $0.isAttribute == child.isAttribute })
                {
                    child.isChoice = true
                    shape.children.append(child)
                }
            }
            if !heirs.isEmpty {
                remark(
                    "\(shape.name.local) may be sent as \(heirs.prefix(6).map(\.local).joined(separator: ", ")) instead of \(type.local) (xsi:type); the fields of all stand in the table"
                )
            }
        }
        shape.children = shape.children.filter(\.isAttribute) + shape.children.filter { !$0.isAttribute }
    }

    private func heirs(of type: QName) -> [QName] {
        var found: [QName] = []
        var open = schemas.derived[type] ?? []
        while let next = open.first, found.count < 20 {
            open.removeFirst()
            if found.contains(next) || next == type { continue }
            found.append(next)
            open += schemas.derived[next] ?? []
        }
        return found
    }

    private func fill(
        _ shape: inout Shape, _ type: XMLElement, _ schema: SchemaSet.Schema, _ lent: String?, stack: [QName]
    ) {
        if type.name.local == "simpleType" {
            fillSimple(&shape, type, lent, depth: 0)
            return
        }
        if type["mixed"] == "true" { shape.simple = "xs:string" }
        for child in type.children { add(child, to: &shape, schema, lent, stack: stack) }
    }

    private func fillSimple(_ shape: inout Shape, _ type: XMLElement, _ lent: String?, depth: Int) {
        if depth > Self.deepest || !goOn() { return }
        for step in type.children {
            switch step.name.local {
            case "restriction":
                if shape.codes.isEmpty {
                    shape.codes = step.children("enumeration", in: Namespace.schema).compactMap { $0["value"] }
                }
                if let base = step.qname(of: "base") {
                    fillSimple(&shape, base: schemas.lend(base, lent), depth: depth)
                } else if let inner = step.first("simpleType", in: Namespace.schema) {
                    fillSimple(&shape, inner, lent, depth: depth + 1)
                }
            case "list":
                shape.simple = "xs:string"
                remark("\(shape.name.local) is a list with blanks between its items; it is read as one text")
            case "union":
                let members = (step["memberTypes"] ?? "").split(separator: " ").compactMap { step.qname(String($0)) }
                var codes: [String] = []
                var simple = "xs:string"
                for member in members {
                    var one = Shape(name: shape.name)
                    fillSimple(&one, base: schemas.lend(member, lent), depth: depth + 1)
                    codes += one.codes
                    if members.count == 1 { simple = one.simple ?? simple }
                }
                shape.codes = codes
                shape.simple = simple
            default: break
            }
        }
        if shape.simple == nil { shape.simple = "xs:string" }
    }

    private func fillSimple(_ shape: inout Shape, base: QName, depth: Int) {
        if base.namespace == Namespace.schema || base.namespace == Namespace.encoding11 {
            shape.simple = "xs:" + base.local
        } else if depth <= Self.deepest, let declared = schemas.types[base] {
            if declared.element.name.local == "simpleType" {
                fillSimple(&shape, declared.element, declared.lent, depth: depth + 1)
            } else {
                fill(&shape, declared.element, declared.schema, declared.lent, stack: [base])
            }
        } else {
            shape.simple = "xs:string"
        }
    }

    // MARK: Contents

    private func add(
        _ part: XMLElement, to shape: inout Shape, _ schema: SchemaSet.Schema, _ lent: String?, stack: [QName]
    ) {
        guard part.name.namespace == Namespace.schema, goOn() else { return }
        switch part.name.local {
        case "simpleContent":
            for step in part.children where ["extension", "restriction"].contains(step.name.local) {
                if let base = step.qname(of: "base") {
                    inherit(schemas.lend(base, lent), &shape, stack, isSimple: true)
                }
                for child in step.children { add(child, to: &shape, schema, lent, stack: stack) }
            }
        case "complexContent":
            for step in part.children {
                guard let base = step.qname(of: "base").map({ schemas.lend($0, lent) }) else { continue }
                if base == QName(Namespace.encoding11, "Array") {
                    addArray(step, to: &shape, stack)
                } else if step.name.local == "extension" {
                    inherit(base, &shape, stack, isSimple: false)
                    for child in step.children { add(child, to: &shape, schema, lent, stack: stack) }
                } else if step.name.local == "restriction" {
                    // A restriction says its elements anew; attributes that it does not name stay.
                    var before = Shape(name: shape.name)
                    inherit(base, &before, stack, isSimple: false)
                    for child in step.children { add(child, to: &shape, schema, lent, stack: stack) }
                    for old in before.children where old.isAttribute {
                        if !shape.children.contains(where: { $0.isAttribute && $0.name == old.name }) {
                            shape.children.append(old)
                        }
                    }
                }
            }
        case "sequence", "all", "choice", "group":
            shape.children += particles(part, schema, lent, stack: stack, depth: 0)
        case "attribute": if let made = attribute(part, schema, lent) { shape.children.append(made) }
        case "attributeGroup":
            guard let name = part.qname(of: "ref").map({ schemas.lend($0, lent) }),
                let declared = schemas.attributeGroups[name], !stack.contains(name)
            else { return }
            for child in declared.element.children {
                add(child, to: &shape, declared.schema, declared.lent, stack: stack + [name])
            }
        case "any": shape.children += particles(part, schema, lent, stack: stack, depth: 0)
        default: break
        }
    }

    private func inherit(_ base: QName, _ shape: inout Shape, _ stack: [QName], isSimple: Bool) {
        if base.namespace == Namespace.schema {
            if base.local != "anyType" || isSimple { shape.simple = "xs:" + base.local }
            return
        }
        guard let declared = schemas.types[base] else {
            remark("no schema declares the type \(base.local) in \(base.namespace)")
            return
        }
        if stack.dropLast().contains(base) || stack.count > Self.deepest { return }
        fill(&shape, declared.element, declared.schema, declared.lent, stack: stack + [base])
    }

    /// SOAP's own arrays: `wsdl:arrayType="tns:Order[]"`.
    private func addArray(_ step: XMLElement, to shape: inout Shape, _ stack: [QName]) {
        for attribute in step.children("attribute", in: Namespace.schema) {
            guard let text = attribute.foreign[QName(Namespace.wsdl, "arrayType")],
                let type = attribute.qname(String(text.prefix { $0 != "[" }))
            else { continue }
            var item = Shape(name: QName("", "item"))
            item.minimum = 0
            item.maximum = nil
            fill(&item, type: type, stack: stack)
            shape.children.append(item)
            remark(
                "\(shape.name.local) is a SOAP array: its items are taken to be called item, as most services call them"
            )
        }
    }

    private func particles(
        _ part: XMLElement, _ schema: SchemaSet.Schema, _ lent: String?, stack: [QName], depth: Int
    ) -> [Shape] {
        if depth > Self.deepest || !goOn() { return [] }
        var found: [Shape] = []
        switch part.name.local {
        case "element": return shape(of: part, schema, lent, isGlobal: false, stack: stack)
        case "any":
            remark("anything may stand in \(stack.last?.local ?? "an element") (xs:any)")
            return []
        case "group":
            guard let name = part.qname(of: "ref").map({ schemas.lend($0, lent) }), let declared = schemas.groups[name],
                !stack.contains(name)
            else { return [] }
            for child in declared.element.children where child.name.namespace == Namespace.schema {
                found += particles(child, declared.schema, declared.lent, stack: stack + [name], depth: depth + 1)
            }
        case "sequence", "all", "choice":
            for child in part.children where child.name.namespace == Namespace.schema {
                found += particles(child, schema, lent, stack: stack, depth: depth + 1)
            }
        default: return []
        }
        let isMany = part["maxOccurs"].map { $0 == "unbounded" || (Int($0) ?? 1) > 1 } ?? false
        let isOptional = part["minOccurs"] == "0"
        let isChoice = part.name.local == "choice" && found.count > 1
        if isMany || isOptional || isChoice {
            found = found.map {
                var shape = $0
                if isMany { shape.maximum = nil }
                if isOptional { shape.minimum = 0 }
                if isChoice { shape.isChoice = true }
                return shape
            }
        }
        return found
    }

    private func attribute(_ element: XMLElement, _ schema: SchemaSet.Schema, _ lent: String?) -> Shape? {
        if element["use"] == "prohibited" { return nil }
        var element = element
        var schema = schema
        var lent = lent
        var isQualified = schema.qualifiesAttributes
        let use = element["use"]
        if let reference = element.qname(of: "ref").map({ schemas.lend($0, lent) }) {
            guard let declared = schemas.attributes[reference] else { return nil }
            (element, schema, lent) = (declared.element, declared.schema, declared.lent)
            isQualified = true
        } else if let form = element["form"] {
            isQualified = form == "qualified"
        }
        guard let name = element["name"] else { return nil }
        var shape = Shape(name: QName(isQualified ? schema.namespace : "", name), isAttribute: true)
        shape.minimum = use == "required" ? 1 : 0
        shape.fixed = element["fixed"] ?? element["default"]
        shape.note = Self.note(element)
        if let type = element.qname(of: "type") {
            fillSimple(&shape, base: schemas.lend(type, lent), depth: 0)
        } else if let inner = element.first("simpleType", in: Namespace.schema) {
            fillSimple(&shape, inner, lent, depth: 0)
        } else {
            shape.simple = "xs:string"
        }
        return shape
    }
}
