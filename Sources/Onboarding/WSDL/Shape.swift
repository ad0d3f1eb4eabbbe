/// An element or attribute as it may stand in a message, with what stands in it: schemas flattened, inheritance, groups and
/// references resolved.
struct Shape: Sendable {
    var name: QName
    var isAttribute = false
    /// `xs:dateTime`: the built-in type that a simple type comes from. Nil for an element that holds elements only.
    var simple: String?
    /// The schema's own name of the type.
    var typeName: String?
    var minimum = 1
    /// Nil is unbounded.
    var maximum: Int? = 1
    var isNillable = false
    /// One of several that exclude each other.
    var isChoice = false
    /// The only texts that a simple type allows.
    var codes: [String] = []
    /// What the schema says stands there without being said.
    var fixed: String?
    var note: String?
    /// Attributes first, then elements in their order.
    var children: [Shape] = []
    /// The type holds itself: what stands in it is not told again.
    var isCut = false

    var isMany: Bool { maximum.map { $0 > 1 } ?? true }
    var isOptional: Bool { minimum == 0 || isChoice || isNillable }
    var elements: [Shape] { children.filter { !$0.isAttribute } }

    /// Every place in it with a text of its own: names from the outermost one in.
    var leaves: [(path: [Shape], leaf: Shape)] {
        var found: [(path: [Shape], leaf: Shape)] = []
        func walk(_ shape: Shape, _ path: [Shape]) {
            let path = path + [shape]
            if shape.simple != nil { found.append((path, shape)) }
            for child in shape.children { walk(child, path) }
        }
        walk(self, [])
        return found
    }
}
