import HeatModel
import Testing

@Suite struct AdviceTests {
    private let advice: Advice = "wait for run \(12); \(.runs) shows it"

    @Test func eachDoorNamesTheActionItself() {
        #expect(advice.text { _ in "`hearth runs`" } == "wait for run 12; `hearth runs` shows it")
        #expect(advice.description == "wait for run 12; the list of runs shows it")
    }

    @Test func anErrorHasItsAdviceInTheWordsOfTheDoor() {
        let error = HearthError(.init("store.busy"), "another run holds the store", advice: advice)
        #expect(error.description(naming: { _ in "/v1/runs" }).hasSuffix("— wait for run 12; /v1/runs shows it"))
        #expect("\(error)".hasSuffix("[store.busy] — wait for run 12; the list of runs shows it"))
    }

    @Test func equalSentencesAreEqual() {
        #expect(Advice("wait for run 12") == "wait for run \(12)" && advice == "wait for run 12; \(.runs) shows it")
        #expect(advice != Advice(advice.description))
    }

    @Test func onlyTextIsChanged() {
        let hidden = advice.mapText { $0.replacing("12", with: "…") }
        #expect(hidden.text { _ in "12" } == "wait for run …; 12 shows it")
    }

    @Test func textThatIsMadeElsewhereIsAnAdvice() {
        let text: String? = "look at the source"
        #expect(HearthError(.init("source.failed"), "it failed", advice: text).advice == "look at the source")
    }
}
