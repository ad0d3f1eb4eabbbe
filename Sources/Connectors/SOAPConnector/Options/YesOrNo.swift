/// How services spell yes and no.
package enum YesOrNo {
    private static let yes: Set<String> = ["true", "1", "y", "yes", "t", "on", "是", "有", "真"]
    private static let no: Set<String> = ["false", "0", "n", "no", "f", "off", "否", "无", "没有", "假"]

    /// Nil for a text that is neither; letters count in either case.
    package static func read(_ text: String) -> Bool? {
        let plain = text.lowercased()
        return yes.contains(plain) ? true : no.contains(plain) ? false : nil
    }
}
