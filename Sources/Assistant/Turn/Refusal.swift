/// Words by which somebody does not want what is offered.
enum Refusal {
    /// Whether a few words begin with a no to what they name.
    static func isOne(_ text: String) -> Bool {
        let beginnings = ["不用", "不想", "不要", "没说要", "没要", "没想", "取消", "先不", "不是要"]
        var rest = Substring(text)
        for subject in ["我", "你", "可"] where rest.hasPrefix(subject) { rest = rest.dropFirst() }
        return text.count <= 12 && !text.contains("，") && !text.contains(",")
            && beginnings.contains { rest.hasPrefix($0) }
    }

    /// Matters that something is begun in: a no to them begins nothing.
    static func mayRefuse(_ intent: String?) -> Bool {
        guard let intent else { return false }
        return [
            "report_fault", "not_warm", "suspend_how", "suspend_cost", "suspend_vs_close", "close_account",
            "resume_supply",
            "bind_account", "pay_how", "amount_due", "room_temperature_query", "invoice", "transfer_owner",
        ].contains(intent)
    }
}
