import Answers

/// What a customer is told of a turn that came to nothing.
package enum TurnTrouble {
    /// - Parameter words: said where nothing of the turn is kept. Where that is not known it is not said.
    package static func words(_ error: any Error, otherwise words: String) -> String {
        Problem(error).mayHaveHappened ? "刚才网络断了一下,不知道办成没有。请再试一次,办成了的不会再办一遍。" : words
    }
}
