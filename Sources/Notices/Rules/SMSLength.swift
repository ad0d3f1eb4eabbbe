/// How many messages a text takes on its way to a phone.
package enum SMSLength {
    /// UTF-16 units of one message, and of each part of a longer one.
    static let whole = 70
    static let part = 67

    /// Segments of a text in UCS-2, as Chinese gateways send and charge it. A character of two units stands in one part.
    package static func segments(of text: String) -> Int {
        if text.utf16.count <= whole { return 1 }
        var (parts, used) = (1, 0)
        for scalar in text.unicodeScalars {
            let units = scalar.value > 0xFFFF ? 2 : 1
            if used + units > part {
                parts += 1
                used = 0
            }
            used += units
        }
        return parts
    }
}
