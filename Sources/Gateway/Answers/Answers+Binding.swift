import AccountView
import Foundation
import NIOCore
import Store

extension Answers {
    /// Whether an account number and the last six of its holder's ID belong together:
    /// `{"account_number":"00012345","id_last_six":"12345X"}`. The same answer, after the same time, whichever of them is wrong.
    func bind(_ call: Call, _ source: some ViewSource) throws -> Answer {
        let body = try JSONBody(call.body, fields: ["account_number", "id_last_six"])
        let number = try call.accountNumber(try body.text("account_number", atMost: 256), named: "account_number")
        let digits = try Self.lastSix(try body.text("id_last_six", atMost: 64))
        let now = NIODeadline.now().uptimeNanoseconds
        if let seconds = bindings.callers.wait(call.caller.id, now: now) ?? bindings.accounts.wait(number, now: now) {
            metrics.count("hearth_bindings_total", [("outcome", "limited")])
            var answer = Answer(
                Problem(
                    429, "too-many-attempts", "Too many failed attempts", detail: "hand over to a person, or try later",
                    retryAfter: seconds),
                requestID: call.requestID)
            answer.accesses = [call.access([number], "limited")]
            answer.notBefore = call.begun + BindingGuard.delay
            return answer
        }
        var stated: [UInt8] = Array("······".utf8.prefix(6))
        var text = number
        let found = try text.withUTF8 { number in
            try source.withView(number: UnsafeRawBufferPointer(number)) { stated = Self.lastSix(ofHolderIn: $0.body) }
        }
        // Without a view, one of the same kind is read: nothing.
        if !found { stated = Array(Self.nobody.utf8).withUnsafeBytes { Self.lastSix(ofHolderIn: $0) } }
        let isSame = BindingGuard.areSame(digits, stated)
        let isVerified = found && isSame
        if !isVerified {
            _ = bindings.accounts.take(number, now: now)
            _ = bindings.callers.take(call.caller.id, now: now)
        }
        metrics.count("hearth_bindings_total", [("outcome", isVerified ? "verified" : "mismatch")])
        var answer = Answer(.json, Array("{\"verified\":\(isVerified)}".utf8))
        answer.accesses = [call.access([number], isVerified ? "ok" : "mismatch")]
        answer.notBefore = call.begun + BindingGuard.delay
        return answer
    }

    private static let nobody =
        "{\"account_number\":\"0\",\"facts\":{\"class\":\"resident\",\"holder_name\":\"*\",\"holder_phones\":[],\"holder_id_number\":\"\"}}"

    private static func lastSix(_ text: String) throws(Problem) -> [UInt8] {
        let folded = text.precomposedStringWithCompatibilityMapping.trimmingBlanks.uppercased()
        let bytes = Array(folded.utf8)
        let isFit =
            bytes.count == 6 && bytes.prefix(5).allSatisfy { $0 &- 0x30 <= 9 }
            && (bytes[5] &- 0x30 <= 9 || bytes[5] == 0x58)
        if !isFit { throw .parameter("id_last_six", "must be five digits and a digit or X") }
        return bytes
    }

    /// Empty where no ID is known, which is the same as nothing that a caller may send.
    private static func lastSix(ofHolderIn view: UnsafeRawBufferPointer) -> [UInt8] {
        guard let facts = JSONMembers.value(of: "facts", in: view),
            let value = JSONMembers.value(of: "holder_id_number", in: facts)
        else { return [] }
        let identity = value.unquoted
        guard identity.count >= 6 else { return [] }
        return identity.suffix(6).map { $0 == 0x78 ? 0x58 : $0 }
    }
}
