import ConfigurationFiles
import Conversations
import HeatModel
import Yams

extension ConfigurationReader {
    /// `conversations: {keep: 180, idleClaim: 1800}`; `keep: for-ever` lets none go.
    mutating func conversationSettings(_ top: Section) -> ConversationSettings {
        var settings = ConversationSettings()
        guard let section = section(of: "conversations", in: top) else { return settings }
        expect(section, only: ["keep", "idleClaim"], in: "conversations")
        if let days = keptDays(section) { settings.keptDays = days }
        if let seconds = seconds(of: "idleClaim", in: section, atLeast: 1) { settings.idleSeconds = seconds }
        return settings
    }
}
