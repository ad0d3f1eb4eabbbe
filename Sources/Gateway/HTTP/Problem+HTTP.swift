import Answers
import JSONText

extension Problem {
    /// A problem of the protocol itself, or one of the common ones by its status.
    init(
        _ status: Int, _ code: String, _ title: String, detail: String? = nil, parameter: String? = nil,
        retryAfter: Int? = nil
    ) {
        let category: Category =
            switch status {
            case 400: .malformed
            case 401: .unauthorized
            case 403: .forbidden
            case 404: .unknown
            case 409: .conflict
            case 410: .gone
            case 422: .mismatch
            case 429: .limited
            case 500: .failed
            case 503: .unavailable
            default: .door(status)
            }
        self.init(category, code, title, detail: detail, parameter: parameter, retryAfter: retryAfter)
    }

    static let notFound = Problem(404, "not-found", "There is nothing at this path", detail: "see /openapi.yaml")

    var status: Int {
        switch category {
        case .malformed: 400
        case .unauthorized: 401
        case .forbidden: 403
        case .unknown: 404
        case .conflict: 409
        case .gone: 410
        case .mismatch: 422
        case .limited: 429
        case .failed: 500
        case .unavailable: 503
        case .door(let status): status
        }
    }

    /// What the header fields of its response say beside it.
    func headers(needing scopes: [Scope]) -> [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        switch code {
        case "unauthorized": headers.append(("WWW-Authenticate", "Bearer realm=\"hearth\""))
        case "forbidden":
            headers.append(
                (
                    "WWW-Authenticate",
                    "Bearer realm=\"hearth\", error=\"insufficient_scope\", scope=\"\(scopes.first?.rawValue ?? "")\""
                ))
        default: break
        }
        if let retryAfter { headers.append(("Retry-After", String(retryAfter))) }
        return headers
    }

    /// The problem document (RFC 9457); its `type` is `urn:hearth:problem:unknown-account`.
    func body(requestID: String) -> [UInt8] {
        var json = JSONBytes()
        json.raw("{\"type\":")
        json.string("urn:hearth:problem:" + code)
        json.raw(",\"title\":")
        json.string(title)
        json.raw(",\"status\":")
        json.integer(Int64(status))
        json.member("detail", detail)
        json.member("parameter", parameter)
        json.member("retry_after_seconds", retryAfter.map { Int64($0) })
        for (name, value) in members {
            json.key(name)
            json.raw(value)
        }
        json.raw(",\"request_id\":")
        json.string(requestID)
        json.raw("}")
        return json.bytes
    }
}
