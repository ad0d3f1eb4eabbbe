/// Whoever says what a customer's words mean.
package protocol Hearing: Sendable {
    func hear(_ words: String, context: HearingContext) -> Heard
}
