/// Prefixes for the namespaces that requests and paths name: `d`, `d2`, `d3`, in order of their first use.
struct PrefixTable {
    private(set) var namespaces: [(prefix: String, namespace: String)] = []

    mutating func prefix(of namespace: String) -> String {
        if namespace.isEmpty { return "" }
        if let known = namespaces.first(where: { $0.namespace == namespace }) { return known.prefix }
        let prefix = namespaces.isEmpty ? "d" : "d\(namespaces.count + 1)"
        namespaces.append((prefix, namespace))
        return prefix
    }

    mutating func name(_ name: QName) -> String {
        let prefix = prefix(of: name.namespace)
        return prefix.isEmpty ? name.local : prefix + ":" + name.local
    }

    /// A step of a path.
    mutating func step(_ shape: Shape) -> String { (shape.isAttribute ? "@" : "") + name(shape.name) }
}
