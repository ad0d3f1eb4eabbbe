import JSONText

/// A record of a list, filled member by member.
protocol ScannedRow {
    init(source: ScannedAccount.Source)

    /// Takes a member of the record, if it is one that is looked at.
    ///
    /// - Returns: whether its value is a moment of the account's life (``ScannedAccount/latest``).
    mutating func take(_ key: ViewBytes, _ value: ViewBytes) -> Bool
}

// By length first: of most members nothing else is compared.
extension ScannedAccount.ChargeRow: ScannedRow {
    init(source: ScannedAccount.Source) { self.init(source: source, season: Self.none) }

    mutating func take(_ key: ViewBytes, _ value: ViewBytes) -> Bool {
        switch key.count {
        case 4:
            if key.equals("item") {
                item = value.unquoted
            } else if key.equals("unit") {
                unit = value.unquoted
            }
        case 6: if key.equals("season") { season = value.unquoted }
        case 7:
            if key.equals("due_fen") {
                due = value.integer
            } else if key.equals("tax_fen") {
                tax = value.integer
            } else if key.equals("repeats") {
                repeats = value.unquoted
            }
        case 8: if key.equals("quantity") { quantity = value }
        case 9: return key.equals("issued_at")
        case 10: if key.equals("unit_price") { unitPrice = value }
        case 11:
            if key.equals("arrears_fen") {
                arrears = value.integer
            } else if key.equals("penalty_fen") {
                penalty = value.integer
            }
        case 12:
            if key.equals("received_fen") {
                received = value.integer
            } else if key.equals("discount_fen") {
                discount = value.integer
            }
        case 13: if key.equals("reduction_fen") { reduction = value.integer }
        default: break
        }
        return false
    }
}

extension ScannedAccount.PaymentRow: ScannedRow {
    init(source: ScannedAccount.Source) { self.init(source: source, season: Self.none) }

    mutating func take(_ key: ViewBytes, _ value: ViewBytes) -> Bool {
        switch key.count {
        case 6: if key.equals("season") { season = value.unquoted }
        case 7:
            if key.equals("paid_at") {
                paidAt = value.unquoted
                return true
            }
            if key.equals("channel") {
                channel = value.unquoted
            } else if key.equals("repeats") {
                repeats = value.unquoted
            }
        case 8: if key.equals("reversed") { isReversed = value.equals("true") }
        case 10:
            if key.equals("amount_fen") {
                amount = value.integer
            } else if key.equals("reconciled") {
                isUnreconciled = value.equals("false")
            }
        default: break
        }
        return false
    }
}

extension ScannedAccount.ReadingRow: ScannedRow {
    init(source: ScannedAccount.Source) { self.init(source: source, season: Self.none) }

    mutating func take(_ key: ViewBytes, _ value: ViewBytes) -> Bool {
        switch key.count {
        case 4: if key.equals("unit") { unit = value.unquoted }
        case 5: if key.equals("meter") { meter = value }
        case 6: if key.equals("season") { season = value.unquoted }
        case 7:
            if key.equals("read_at") {
                readAt = value.unquoted
                return true
            }
        case 9: if key.equals("end_value") { endValue = value }
        case 11:
            if key.equals("consumption") {
                consumption = value
            } else if key.equals("start_value") {
                startValue = value
            }
        default: break
        }
        return false
    }
}

extension ScannedAccount.SuspensionRow: ScannedRow {
    init(source: ScannedAccount.Source) { self.init(source: source, season: Self.none) }

    mutating func take(_ key: ViewBytes, _ value: ViewBytes) -> Bool {
        if key.equals("season") { season = value.unquoted }
        if key.equals("kind") { kind = value.unquoted }
        if key.equals("state") { state = value.unquoted }
        if key.equals("ratio") { ratio = value }
        if key.equals("from") { from = value.unquoted }
        if key.equals("to") { to = value.unquoted }
        if key.equals("requested_on") { requestedOn = value.unquoted }
        if key.equals("approved_on") { approvedOn = value.unquoted }
        return false
    }
}

extension ScannedAccount.DisconnectionRow: ScannedRow {
    init(source: ScannedAccount.Source) { self.init(source: source, on: Self.none) }

    mutating func take(_ key: ViewBytes, _ value: ViewBytes) -> Bool {
        if key.equals("on") { on = value.unquoted }
        if key.equals("state") { state = value.unquoted }
        return false
    }
}

extension ScannedAccount.OrderRow: ScannedRow {
    init(source: ScannedAccount.Source) { self.init(source: source, state: Self.none) }

    mutating func take(_ key: ViewBytes, _ value: ViewBytes) -> Bool {
        if key.equals("state") { state = value.unquoted }
        if key.equals("fee_fen") { fee = value.integer }
        if key.equals("completed_at") { completedAt = value.unquoted }
        let isFollowUp = key.equals("closed_at") || key.equals("visited_at")
        if isFollowUp { isFollowedUp = true }
        return isFollowUp || key.equals("created_at") || key.equals("completed_at")
    }
}

extension ScannedAccount.TemperatureRow: ScannedRow {
    init(source: ScannedAccount.Source) { self.init(source: source, celsius: Self.none) }

    mutating func take(_ key: ViewBytes, _ value: ViewBytes) -> Bool {
        if key.equals("celsius") { celsius = value.unquoted }
        if key.equals("measured_at") { measuredAt = value.unquoted }
        if key.equals("method") { method = value.unquoted }
        return key.equals("measured_at")
    }
}

extension ScannedRow {
    /// What a member is until it has come.
    fileprivate static var none: ViewBytes { ViewBytes(start: nil, count: 0) }
}
