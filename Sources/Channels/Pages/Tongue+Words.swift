package import HeatModel

/// What codes, amounts and times of documents are called: by pages, and by commands that speak both languages.
extension Tongue {
    /// A time span in words.
    package func span(_ seconds: Int64) -> String {
        switch seconds {
        case ..<60: self("不到 1 分钟", "under a minute")
        case ..<3600: self("\(seconds / 60) 分钟", "\(seconds / 60) min")
        case ..<172_800: self("\(seconds / 3600) 小时", "\(seconds / 3600) h")
        default: self("\(seconds / 86_400) 天", "\(seconds / 86_400) days")
        }
    }

    /// An amount of a document, `1234.50`, as people read it: `1,234.50`; what is none stays as it is.
    package static func grouped(_ amount: String) -> String {
        let sides = amount.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let sign = sides[0].hasPrefix("-") ? "-" : ""
        let digits = sides[0].dropFirst(sign.count)
        guard digits.utf8.allSatisfy({ $0 &- 0x30 <= 9 }) else { return amount }
        var whole = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { whole += "," }
            whole.append(digit)
        }
        return sign + whole + (sides.count > 1 ? "." + sides[1] : "")
    }

    package func yuan(_ value: DocumentValue) -> String {
        value.text.map { self("\(Self.grouped($0)) 元", "¥\(Self.grouped($0))") } ?? "–"
    }

    /// An instant of a document on the company's clock, to the second.
    package static func time(_ value: DocumentValue, _ now: Instant) -> String {
        guard let text = value.text else { return "–" }
        guard var instant = Instant(text) else { return text }
        instant.offsetMinutes = now.offsetMinutes
        return String(instant.description.prefix(19)).replacing("T", with: " ")
    }

    /// What a code of a document is called; what has no words here stays as it is.
    ///
    /// - Parameter kind: of what it is a code, where one word stands for different things.
    package func word(_ code: String?, of kind: String = "") -> String {
        guard let code else { return "–" }
        return (Self.words[kind + "." + code] ?? Self.words[code]).map { self($0.0, $0.1) } ?? code
    }

    /// How a figure comes about, with the units in words: documents have them in Chinese.
    package func formula(_ text: String) -> String {
        if self == .chinese { return text }
        return text.replacing("元", with: "yuan").replacing("天", with: "days").replacing("月", with: "months")
    }

    private static let words: [String: (String, String)] = [
        // Runs and entries.
        "success": ("成功", "success"), "failed": ("失败", "failed"), "running": ("进行中", "running"),
        "interrupted": ("中断", "interrupted"), "cancelled": ("已取消", "cancelled"), "full": ("全量", "full"),
        "incremental": ("增量", "incremental"), "replay": ("隔离重放", "replay"), "remap": ("重新映射", "remap"),
        "mode.account": ("单户刷新", "one account"),
        "entry.open": ("未处理", "open"), "replayed": ("已重放", "replayed"), "resolved": ("已解决", "resolved"),
        "discarded": ("已丢弃", "discarded"), "all": ("全部", "all"), "pulled": ("拉取", "pulled"),
        "stored": ("库内", "stored"), "quarantined": ("隔离", "quarantined"), "kept": ("保留", "kept"),
        "written": ("写入", "written"),
        "proof.snapshot_end": ("一个快照里的结果送到了末尾", "the result of one snapshot ended"),
        "proof.counted_total": ("条数与源说的总数相同", "as many as the source counts"),
        "proof.stated_end": ("源说后面没有了", "the source says that nothing follows"),
        "proof.empty_page": ("一直取到空页为止", "pages until an empty one"),
        "proof.whole_answer": ("一次应答,读到了结尾", "one answer, read to its end"),
        "proof.trailer": ("与文件尾行或清单的计数相符", "trailer or manifest agrees"),
        "proof.whole_file": ("文件已就绪,读到了末尾", "files that were ready, read to their end"),
        "proof.known_content": ("内容都已经读过", "the content is known already"),
        "proof.cut_by_limit": ("按 --limit 截断,没有依据", "none: it was cut by --limit"),
        "link.accountNumber": ("户号", "accountNumber"), "link.crosswalk": ("外部编号", "crosswalk"),
        "link.place": ("地址", "place"), "link.introduced": ("由它建户", "introduced"), "link.decided": ("人工选定", "decided"),
        // Events.
        "event.order.accepted": ("工单已受理", "order.accepted"), "event.order.dispatched": ("工单已派单", "order.dispatched"),
        "event.order.enroute": ("师傅在路上", "order.enroute"), "event.order.arrived": ("师傅已到达", "order.arrived"),
        "event.order.resolved": ("工单已解决", "order.resolved"), "event.order.visited": ("已回访", "order.visited"),
        "event.order.reopened": ("工单重开", "order.reopened"), "event.order.cancelled": ("工单已取消", "order.cancelled"),
        "event.payment.posted": ("缴费入账", "payment.posted"), "event.payment.reversed": ("缴费冲正", "payment.reversed"),
        "event.bill.issued": ("账单已出", "bill.issued"), "event.bill.corrected": ("账单有改动", "bill.corrected"),
        "event.supply.changed": ("供热状态有变", "supply.changed"), "event.outage.begun": ("停暖开始", "outage.begun"),
        "event.outage.ended": ("停暖结束", "outage.ended"), "event.outage.cancelled": ("停暖取消", "outage.cancelled"),
        "supply.stopped": ("停供", "stopped"), "supply.partial": ("部分供热", "partial"),
        // The outbox and the chain.
        "outbox.all": ("全部", "all"), "outbox.open": ("未了结", "not settled"), "outbox.accepted": ("已受理", "accepted"),
        "outbox.sending": ("发送中", "sending"), "outbox.unknown": ("结果不明", "unknown"),
        "outbox.confirmed": ("已确认", "confirmed"), "outbox.refused": ("被拒", "refused"),
        "outbox.dropped": ("已放弃", "dropped"), "outbox.planned": ("待发", "planned"),
        "outbox.deferred": ("推迟", "put off"), "outbox.queued": ("已排队", "queued"), "outbox.sent": ("已发", "sent"),
        "outbox.notSent": ("没有发", "not sent"), "outbox.handed": ("交给渠道", "handed to its channel"),
        "chain.run": ("运行", "run"), "chain.manifest": ("对账清单", "manifest"), "chain.log": ("访问日志", "access log"),
        "chain.removed": ("清理的归档", "journals let go"), "chain.rebuilt": ("重建", "rebuilt"),
        "chain.action": ("动作", "action"), "chain.told": ("对客户说的话", "what a customer was told"),
        "chain.hand_off": ("转人工", "hand-off"), "chain.forgotten": ("到期删除", "let go"),
        "chain.notice": ("通知", "notice"), "chain.decided": ("认户", "account decided"),
        "chain.applied": ("换映射", "mapping applied"), "altered.altered": ("被改动", "altered"),
        "altered.removed": ("不见了", "removed"), "altered.elsewhere": ("在别处", "elsewhere"),
        "altered.inserted": ("被插入", "inserted"), "altered.truncated": ("末尾少了", "truncated"),
        "altered.torn": ("最后一行不完整", "torn"), "altered.rewritten": ("整条重做过", "rewritten"),
        "log.info": ("信息", "info"), "log.warning": ("注意", "warning"), "log.error": ("错误", "error"),
        "check.ok": ("好", "ok"), "check.warning": ("注意", "warning"), "check.failed": ("不行", "failed"),
        "plan.new": ("新", "new"), "plan.changed": ("变", "changed"), "plan.vanished": ("消失", "vanished"),
        "plan.unlinked": ("不再认得是哪一户", "of no account any more"),
        // Reconciliations.
        "critical": ("严重", "critical"), "high": ("高", "high"), "medium": ("中", "medium"), "low": ("低", "low"),
        "diff.new": ("新出现", "new"), "diff.resolved": ("已消除", "resolved"), "diff.changed": ("有变化", "changed"),
        "diff.persisting": ("仍在", "persisting"),
        // Accounts.
        "resident": ("居民", "resident"), "class.unit": ("单位", "business"), "byArea": ("按面积", "by area"),
        "byHeat": ("按热量", "by heat"), "normal": ("正常", "normal"), "supply_valve.open": ("开", "open"),
        "supply_valve.closed": ("关", "closed"), "closed": ("已结案", "closed"),
        "suspended": ("报停", "suspended"), "paid": ("已缴", "paid"), "unpaid": ("未缴", "unpaid"),
        "partial": ("部分缴", "partly paid"), "posted": ("已入账", "posted"), "pending": ("待入账", "pending"),
        "reversed": ("已冲正", "taken back"), "cash": ("现金", "cash"), "bankFile": ("银行文件", "bank file"),
        "heatByArea": ("面积热费", "heat by area"), "heatByMeter": ("计量热费", "heat by meter"),
        "inner_area": ("套内面积", "inner area"), "shared_area": ("公摊面积", "shared area"),
        "price": ("单价", "price"), "consumption": ("用热量", "consumption"), "area": ("面积", "area"),
        "intensity": ("单位面积用热", "heat a square metre"), "basis_difference": ("典型户与中位之差", "typical less median"),
        "heatBase": ("基础热费", "basic charge"), "heatMetered": ("计量热费", "heat metered"),
        "twoPart": ("两部制", "two-part"), "wechat": ("微信", "WeChat"), "card": ("银行卡", "card"),
        "changed": ("有了新版本", "replaced"), "moved": ("归到别的户", "moved"), "vanished": ("源里没有了", "vanished"),
        "method": ("计费方式", "method"), "height": ("层高", "height"), "shared_line": ("公摊费", "charge of shared area"),
        "suspension": ("报停", "suspension"), "concession": ("优惠", "concession"),
        "billing_difference": ("账单与规定之差", "bill less tariff"),
        "previous_billing_difference": ("上期账单与规定之差", "former bill less tariff"),
        "days": ("天数", "days"), "discount": ("优惠", "discount"), "rounding": ("取整", "rounding"),
        "peers": ("同类用户", "peers"), "previous": ("上一采暖期", "the season before"),
        // Records of an account.
        "other": ("其他", "other"), "m2": ("㎡", "m²"), "m3": ("m³", "m³"), "day": ("天", "days"), "each": ("次", "each"),
        "area_basis.building": ("建筑面积", "built area"), "area_basis.inner": ("套内面积", "inner area"),
        "area_basis.usable": ("使用面积", "usable area"), "area_basis.billing": ("收费面积", "charged area"),
        "metered": ("计量", "metered"), "supply_state.stopped": ("停供", "stopped"),
        "supply_state.partial": ("部分供热", "partial"), "supply_valve.disconnected": ("已拆网", "disconnected"),
        "charge.partlyPaid": ("部分缴", "partly paid"), "charge.heatExchanger": ("换热费", "heat exchanger"),
        "charge.sharedArea": ("公摊热费", "heat of shared area"), "charge.heightSurcharge": ("超高加收", "surcharge for height"),
        "charge.adjustment": ("调整", "adjustment"), "charge.lateFee": ("违约金", "late fee"),
        "charge.reduction": ("核减", "reduction"), "charge.suspension": ("报停基础费", "basic charge while suspended"),
        "payment.alipay": ("支付宝", "Alipay"), "payment.bankTransfer": ("银行转账", "bank transfer"),
        "roomTemperature.visit": ("上门测温", "visit"), "roomTemperature.device": ("测温仪", "device"),
        "roomTemperature.selfReported": ("用户自报", "reported by the household"),
        "suspension.full": ("全部报停", "all of it"), "suspension.partial": ("部分报停", "a part"),
        "suspension.restore": ("恢复用热", "restored"), "suspension.ended": ("已结束", "ended"),
        "requested": ("已申请", "requested"), "approved": ("已批准", "approved"), "rejected": ("未批准", "rejected"),
        "disconnection.disconnected": ("已拆网", "disconnected"), "disconnection.restored": ("已恢复", "restored"),
        "workOrder.noHeat": ("不热", "no heat"), "workOrder.notWarm": ("不够热", "not warm enough"),
        "workOrder.leak": ("漏水", "leak"), "workOrder.temperature": ("测温", "measure the temperature"),
        "workOrder.stop": ("停供", "stop the supply"), "workOrder.restore": ("恢复供热", "restore the supply"),
        "workOrder.valve": ("阀门", "valve"), "workOrder.waitingToBeScheduled": ("待派工", "waits to be scheduled"),
        "workOrder.scheduled": ("已安排", "scheduled"), "workOrder.dispatched": ("已派单", "dispatched"),
        "workOrder.enroute": ("已出发", "on the way"), "workOrder.onSite": ("已到达", "on site"),
        "workOrder.inProgress": ("处理中", "at work"), "workOrder.completed": ("已解决", "done"),
        "workOrder.waitingOnMaterial": ("待料", "waits for material"),
        // Conversations.
        "channel.app": ("APP", "app"), "channel.counter": ("营业厅", "counter"), "channel.kiosk": ("终端机", "kiosk"),
        "channel.phone": ("热线", "hotline"), "channel.sms": ("短信", "text message"), "channel.web": ("网页", "web page"),
        "channel.other": ("其他", "other"), "reason.asked": ("要求人工", "asked for a person"),
        "reason.misunderstood": ("没听懂", "not understood"), "reason.unanswered": ("答不了", "no answer to it"),
        "reason.bill": ("费用有疑问", "doubts the bill"), "reason.coldHome": ("家里不热", "cold home"),
        "reason.complaint": ("投诉", "complaint"), "reason.emergency": ("紧急", "emergency"),
        "reason.actionFailed": ("没有办成", "could not be done"), "reason.other": ("其他", "other"),
        "waiting": ("等待", "waiting"), "claimed": ("已接手", "claimed"),
    ]
}
