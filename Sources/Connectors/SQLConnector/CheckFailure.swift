import HeatModel
import Records

extension CheckFinding {
    /// What was thrown while a question was asked, as its answer.
    init(_ subject: String, _ error: any Error) {
        guard let error = error as? HearthError else {
            self.init(subject, .failed, "\(error)", advice: "Look into the source.")
            return
        }
        let place = error.place.map { "\($0): " } ?? ""
        self.init(subject, .failed, "\(place)\(error.message) [\(error.code)]", advice: error.advice)
    }
}
