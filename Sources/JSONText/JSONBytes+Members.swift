extension JSONBytes {
    /// A comma, unless an object or array has just been opened.
    public mutating func separate() {
        if let last, last != 0x7B, last != 0x5B { raw(",") }
    }

    /// `"name":`, after a comma where one is needed.
    public mutating func key(_ name: String) {
        separate()
        string(name)
        raw(":")
    }

    /// A member of an object; one without a value is left out.
    public mutating func member(_ name: String, _ value: String?) {
        guard let value else { return }
        key(name)
        string(value)
    }

    public mutating func member(_ name: String, _ value: Int64?) {
        guard let value else { return }
        key(name)
        integer(value)
    }

    public mutating func member(_ name: String, _ value: Bool) {
        key(name)
        raw(value ? "true" : "false")
    }

    public mutating func member(_ name: String, _ values: [String]) {
        key(name)
        raw("[")
        for value in values {
            separate()
            string(value)
        }
        raw("]")
    }
}
