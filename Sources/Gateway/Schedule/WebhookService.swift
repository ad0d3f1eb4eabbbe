import Answers
import Foundation
import HeatModel
import JSONText
import Logging
import ServiceLifecycle
import Store
package import Sync
package import Webhooks

/// Delivers events to those who subscribed, inside the server, until it ends.
package struct WebhookService: Service, CustomStringConvertible {
    /// What a log may say of it: nothing of the configuration, which may hold secrets.
    package var description: String { "webhooks" }

    private let worker: WebhookWorker?
    private let stop: StopSignal

    /// - Parameter stop: set when the server is to end.
    package init(_ gateway: Gateway, _ endpoints: [WebhookEndpoint], stop: StopSignal) {
        self.stop = stop
        worker =
            endpoints.isEmpty
            ? nil
            : WebhookWorker(
                endpoints, store: gateway.store,
                local: { gateway.answerer.instant(Moment(microseconds: $0)) },
                record: { name, account, shown in
                    let access = Access(
                        accounts: account.map { [$0] } ?? [], action: "webhook:\(name)", outcome: "ok", unmasked: shown)
                    var json = JSONBytes()
                    json.raw("\"at\":\"\(WallClock.now(in: gateway.offsetMinutes))\",")
                    access.write(
                        caller: "webhook:\(name)", peer: "webhook", requestID: RequestNumber.next(), into: &json)
                    try gateway.log.append([json.bytes])
                },
                onError: { ServerWork.log($0, of: "webhooks", to: gateway.logger) })
    }

    package func run() async throws {
        await ServerWork.run(until: stop) { [worker] isStopped in worker?.run(isStopped: isStopped) }
    }
}
