import HeatModel

/// Writes every row of the billing system into a sink, account by account.
struct BillingWriter<Sink: BillingSink> {
    let estate: Estate
    var sink: Sink
    private var row = RowBuffer()

    init(estate: Estate, sink: Sink) {
        self.estate = estate
        self.sink = sink
    }

    mutating func writeAll() throws {
        try writeSeasons()
        try writeCodes()
        try estate.forEachAccount { account in
            guard let card = BillingCard(account, estate: estate) else { return }
            try write(card)
        }
    }

    private mutating func put(_ table: BillingTable, _ fill: (inout RowBuffer) -> Void) throws {
        row.removeAll()
        fill(&row)
        try sink.write(table, row)
    }

    private mutating func writeSeasons() throws {
        for season in 0...1 {
            let days = estate.options.days(ofSeason: season, estate.tariff)
            let name = estate.options.name(ofSeason: season)
            try put(.sf_cnq) {
                $0.integer(season + 1)
                $0.text(name)
                $0.date(days.lowerBound)
                $0.date(days.upperBound, style: 1)
                $0.time(LocalTime(days.lowerBound.adding(days: -120), second: 36_000))
            }
        }
    }

    private mutating func writeCodes() throws {
        var codes = ChargeItem.allCases.map { ("fylb", $0.rawValue, $0.name) }
        codes += [("jsfs", "1", "按面积"), ("jsfs", "2", "计量"), ("jsfs", "3", "两部制")]
        codes += [("gnzt", "01", "正常"), ("gnzt", "02", "停供"), ("gnzt", "03", "部分停供")]
        codes += [("fmzt", "1", "开"), ("fmzt", "0", "关"), ("fmzt", "9", "拆")]
        codes += [
            ("sffs", "WX", "微信"), ("sffs", "ZFB", "支付宝"), ("sffs", "YHWJ", "银行文件"), ("sffs", "ZZ", "转账"),
            ("sffs", "XJ", "现金"), ("sffs", "POS", "刷卡"),
        ]
        codes += [("jfzt", "0", "未缴"), ("jfzt", "1", "部分"), ("jfzt", "2", "已缴")]
        for code in codes {
            try put(.sf_dm) {
                $0.text(code.0)
                $0.text(code.1)
                $0.text(code.2)
            }
        }
    }

    private mutating func write(_ card: BillingCard) throws {
        try writeAccount(card)
        for bill in card.bills {
            for line in bill.lines { try writeCharge(line, of: card) }
        }
        try writeExtraCharges(card)
        for payment in card.payments {
            try writePayment(payment, of: card)
        }
        if card.fault == .duplicatePayment, let first = card.bills[0].payments.first {
            try writePayment(first, of: card)
        }
        try writeReadings(card)
        try writeSuspensions(card)
        try writeDisconnection(card)
    }

    private mutating func writeAccount(_ card: BillingCard) throws {
        let account = card.account
        let suspended = account.suspension(season: 1).map { card.billingArea * $0.ratio / 10_000 } ?? 0
        let isGone = account.isGone
        let isStopped = suspended == card.billingArea || card.fault == .stoppedUnasked
        let method =
            switch account.method {
            case .byArea: "1"
            case .metered: "2"
            case .twoPart: "3"
            }
        let tariffCode = estate.tariff.code + (account.isUnit ? "-FJ-" : "-JM-") + method
        func area(_ units: Int64) -> ExactDecimal { ExactDecimal(units: units, places: 3) }
        let chargesUsable = estate.tariff.basis(isUnit: account.isUnit) == .usable
        try put(.sf_yh) {
            $0.integer(account.billingID)
            $0.text(account.number)
            $0.text(card.holderName)
            $0.text(account.isUnit ? "单位" : "居民")
            $0.text(method)
            $0.text(tariffCode)
            $0.decimal(area(card.billingArea))
            $0.decimal(area(card.buildingArea))
            $0.decimal(account.innerArea)
            if chargesUsable { $0.decimal(account.usableArea) } else { $0.null() }
            $0.decimal(account.sharedArea)
            $0.decimal(area(isGone ? 0 : suspended))
            $0.decimal(card.ceilingHeight)
            $0.text(account.station)
            $0.text(account.communityName)
            $0.text(String(account.building))
            $0.text(String(account.unit))
            $0.text(String(card.room))
            $0.text(isGone || isStopped ? "02" : suspended > 0 ? "03" : "01")
            $0.text(isGone ? "9" : isStopped ? "0" : "1")
            if account.isLowIncome { $0.text("DB" + Digits.padded(account.index, 8)) } else { $0.null() }
            $0.integer(account.isLocked ? 1 : 0)
            $0.integer(account.isBlacklisted ? 1 : 0)
            $0.money(card.arrears)
            $0.integer(0)
            $0.date(account.openedOn, style: account.index % 6)
            $0.text(account.index % 50 == 0 ? "面积已复核\t附\\图纸" : "")
            $0.time(card.updatedAt)
        }
    }

    private mutating func writeCharge(_ line: ChargeLine, of card: BillingCard) throws {
        let isMarked = line.id == card.marked?.id
        var overrides = ChargeOverrides()
        if isMarked {
            switch card.fault {
            case .badTotal: overrides.arrears = line.arrears + Fen(1_234)
            case .badDecimal: overrides.price = "2S.00O"
            case .impossibleDate: overrides.dueOn = "2025-02-30"
            case .voidedCharge:
                // The first issue, taken back the same day, stands beside its successor.
                var first = line
                first.id = BillKeys.charge(card.account.index, slot: BillKeys.extraSlot)
                first.due = line.due + Fen(10_000)
                first.received = .zero
                first.discount = .zero
                first.reduction = .zero
                first.penalty = .zero
                first.updatedAt = line.issuedAt.adding(seconds: 3_600)
                try putCharge(.sf_fy, first, card, overrides, isVoided: true)
            default: break
            }
        }
        try putCharge(.sf_fy, line, card, overrides, isVoided: false)
        if isMarked, card.fault == .duplicateCharge { try putCharge(.sf_fy, line, card, overrides, isVoided: false) }
        if isMarked, card.fault == .conflictingCharge {
            var other = line
            other.due = line.due - Fen(2_000)
            other.updatedAt = line.updatedAt.adding(seconds: 60)
            try putCharge(.sf_fy, other, card, overrides, isVoided: false)
        }
        if line.id % 19 == 0 { try putCharge(.sf_fy_sh_t, line, card, overrides, isVoided: false) }
        if line.season == 0, line.id % 5 == 0 {
            var old = line
            old.received = .zero
            old.discount = .zero
            try putCharge(.sf_fy_bak, old, card, overrides, isVoided: false)
        }
    }

    /// Charges that belong to nobody.
    private mutating func writeExtraCharges(_ card: BillingCard) throws {
        guard card.fault == .orphanBill, let line = card.marked else { return }
        var stray = line
        stray.id = BillKeys.charge(card.account.index, slot: BillKeys.extraSlot)
        var overrides = ChargeOverrides()
        overrides.number = AccountFacts.strayNumber(card.account.index)
        overrides.billingID = 900_000_000 + card.account.billingID
        try putCharge(.sf_fy, stray, card, overrides, isVoided: false)
    }

    private struct ChargeOverrides {
        var number: String?
        var billingID: Int64?
        var price: String?
        var arrears: Fen?
        var dueOn: String?
    }

    private mutating func putCharge(
        _ table: BillingTable, _ line: ChargeLine, _ card: BillingCard, _ overrides: ChargeOverrides, isVoided: Bool
    ) throws {
        let season = estate.options.name(ofSeason: line.season)
        try put(table) {
            $0.integer(line.id)
            $0.integer(overrides.billingID ?? card.account.billingID)
            $0.text(overrides.number ?? card.account.number)
            $0.text(season)
            $0.text(line.item.rawValue)
            $0.decimal(line.quantity)
            $0.text(line.unit == "m2" ? "㎡" : line.unit == "each" ? "次" : line.unit)
            if let price = overrides.price { $0.text(price) } else { $0.decimal(line.price) }
            $0.money(line.due)
            $0.money(line.received)
            $0.money(overrides.arrears ?? line.arrears)
            $0.money(line.discount)
            $0.money(line.reduction)
            $0.money(line.penalty)
            let isSettled = line.arrears == .zero
            $0.text(isSettled ? "2" : line.received == .zero ? "0" : "1")
            if let date = overrides.dueOn {
                $0.text(date)
            } else if line.item == .adjustment {
                $0.text("0000-00-00")
            } else {
                $0.date(line.dueOn, style: Int(line.id / 7 % 6))
            }
            $0.time(line.issuedAt)
            $0.integer(isVoided ? 1 : 0)
            if line.id % 37 == 0 { $0.text("") } else { $0.null() }
            $0.time(line.updatedAt)
        }
    }

    private mutating func writePayment(_ payment: PaymentFact, of card: BillingCard) throws {
        let season = estate.options.name(ofSeason: payment.season)
        try put(.sf_jf) {
            $0.text(payment.serial)
            $0.integer(card.account.billingID)
            $0.text(card.account.number)
            $0.text(season)
            $0.time(payment.paidAt)
            $0.text(payment.channel.rawValue)
            $0.money(payment.amount)
            $0.text(payment.isReconciled ? "1" : "0")
            if payment.invoice.isEmpty { $0.null() } else { $0.text(payment.invoice) }
            $0.integer(payment.isReversed ? 1 : 0)
            $0.integer(0)
            $0.time(payment.updatedAt)
        }
    }

    private mutating func writeReadings(_ card: BillingCard) throws {
        for season in 0...1 {
            let name = estate.options.name(ofSeason: season).filter { $0 != "-" }
            for reading in MeterReading.all(
                card.account, season: season, options: estate.options, tariff: estate.tariff)
            {
                try put(.sf_cb) {
                    $0.integer(reading.id)
                    $0.integer(card.account.billingID)
                    $0.text(card.account.number)
                    $0.text(reading.meter)
                    $0.text(name)
                    $0.time(reading.readAt)
                    $0.decimal(reading.shown(reading.startValue))
                    $0.decimal(reading.shown(reading.endValue))
                    $0.decimal(reading.shown(reading.endValue - reading.startValue))
                    $0.text(reading.shownUnit)
                    $0.decimal(ExactDecimal(units: reading.flow, places: 3))
                    $0.decimal(ExactDecimal(units: Int64(reading.supplyTenths), places: 1))
                    $0.decimal(ExactDecimal(units: Int64(reading.returnTenths), places: 1))
                    $0.integer(0)
                    $0.time(reading.readAt.adding(seconds: 1_200))
                }
            }
        }
    }

    private mutating func writeSuspensions(_ card: BillingCard) throws {
        for suspension in card.account.suspensions {
            let days = estate.options.days(ofSeason: suspension.season, estate.tariff)
            let start = suspension.from ?? days.lowerBound
            let end = suspension.to ?? days.upperBound
            let name = estate.options.name(ofSeason: suspension.season)
            let today = estate.options.today
            try put(.sf_mjtg) {
                $0.integer(70_000_000 + card.account.index * 2 + suspension.season)
                $0.integer(card.account.billingID)
                $0.text(card.account.number)
                if suspension.statesSeason { $0.text(name) } else { $0.null() }
                $0.text(suspension.isPartial ? "02" : "01")
                $0.decimal(ExactDecimal(units: suspension.ratio, places: 4))
                $0.date(start, style: card.account.index % 5)
                $0.date(end, style: card.account.index % 5)
                $0.date(suspension.requestedOn)
                $0.date(suspension.approvedOn)
                $0.text(suspension.reason)
                $0.text(end < today ? "3" : "1")
                $0.integer(0)
                $0.time(LocalTime(suspension.approvedOn, second: 36_000 + card.account.index % 20_000))
            }
            if let day = suspension.restoredOn { try writeRestoration(day, of: suspension, card) }
        }
    }

    /// Supply taken up again.
    private mutating func writeRestoration(_ day: CivilDate, of suspension: SuspensionFact, _ card: BillingCard) throws
    {
        let name = estate.options.name(ofSeason: suspension.season)
        try put(.sf_mjtg) {
            $0.integer(2_000_000_000 + card.account.index * 2 + suspension.season)
            $0.integer(card.account.billingID)
            $0.text(card.account.number)
            if suspension.statesSeason { $0.text(name) } else { $0.null() }
            $0.text("03")
            $0.null()
            $0.date(day, style: card.account.index % 5)
            $0.null()
            $0.date(day.adding(days: -2))
            $0.date(day.adding(days: -1))
            $0.text("恢复用热")
            $0.text("1")
            $0.integer(0)
            $0.time(LocalTime(day.adding(days: -1), second: 36_000))
        }
    }

    private mutating func writeDisconnection(_ card: BillingCard) throws {
        if let day = card.account.disconnectedOn {
            try writeNetworkEvent(80_000_000 + card.account.index, day, "2", of: card)
        }
        for (number, event) in card.account.network.enumerated() {
            try writeNetworkEvent(
                1_000_000_000 + card.account.index * 8 + number, event.day, event.isOn ? "3" : "2", of: card)
        }
    }

    private mutating func writeNetworkEvent(
        _ id: Int, _ day: CivilDate, _ state: String, of card: BillingCard
    ) throws {
        try put(.sf_mjcw) {
            $0.integer(id)
            $0.integer(card.account.billingID)
            $0.text(card.account.number)
            $0.date(day, style: card.account.index % 5)
            $0.text(state)
            $0.text(card.account.isRestorable ? "是" : "否")
            $0.text("房屋改造")
            $0.integer(0)
            $0.time(LocalTime(day.adding(days: 1), second: 36_000))
        }
    }
}
