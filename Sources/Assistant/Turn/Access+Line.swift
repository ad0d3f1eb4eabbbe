import Answers
import JSONText

extension Access {
    /// As the log keeps it: the inside of a JSON object.
    func line(at stamp: String, caller: String, peer: String, _ requestID: String) -> [UInt8] {
        var json = JSONBytes()
        json.raw("\"at\":")
        json.string(stamp)
        json.raw(",")
        write(caller: caller, peer: peer, requestID: requestID, into: &json)
        return json.bytes
    }
}
