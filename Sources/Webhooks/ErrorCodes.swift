import HeatModel

extension HearthError.Code {
    static let webhookDisabled = Self("webhook.disabled")
    static let webhookNotRecorded = Self("webhook.notRecorded")
    static let webhookMissed = Self("webhook.missed")
}
