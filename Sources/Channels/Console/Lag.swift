import Answers
package import HeatModel
import Pages
package import Store

/// What follows the store, and how far behind it is.
package struct Lag: Sendable {
    package struct Webhook: Sendable {
        package var name: String
        /// Events that it has not come to yet.
        package var behind: Int64
        package var isOff: Bool
    }

    /// By name.
    package var webhooks: [Webhook]
    /// What is wrong with the store's servers.
    package var troubles: [HearthError]

    package init(of store: any Store) throws {
        troubles = (store as? any ReplicatedStore)?.troubles() ?? []
        webhooks = try store.read { store in
            let last = try store.lastEvent().number
            return try store.webhooks().map {
                Webhook(name: $0.name, behind: max(0, last - $0.position.number), isOff: $0.disabled != nil)
            }
        }
    }
}

extension Look {
    /// Of the store's servers and of those who are told events: nothing where there are none.
    func lags() throws(Problem) -> Fragment {
        guard let lag = try told({ try door.ways.lag?() }) else { return "" }
        var html: Fragment = ""
        if !lag.troubles.isEmpty {
            html += "<h3>\(say("数据库服务器", "The store's servers"))</h3>"
            html += .table(
                say("数据库服务器", "The store's servers"),
                [say("代码", "Code"), say("哪一台", "Server"), say("怎么了", "What is wrong")],
                lag.troubles.map {
                    [
                        "<code class=\"bad\">\($0.code.name)</code>", .text($0.place?.description),
                        "\(Self.short($0.message))",
                    ]
                })
        }
        if !lag.webhooks.isEmpty {
            html += "<h3>\(say("事件推送", "Webhooks"))</h3>"
            html += .table(
                say("事件推送", "Webhooks"),
                [say("接收方", "Subscriber"), say("还没推送的事件", "Events not told yet"), say("状态", "State")],
                lag.webhooks.map {
                    [
                        "\($0.name)", "\($0.behind)",
                        $0.isOff
                            ? "<span class=\"bad\">\(say("已停用", "disabled"))</span>"
                            : "<span class=\"well\">\(say("正常", "on"))</span>",
                    ]
                })
        }
        return html
    }
}
