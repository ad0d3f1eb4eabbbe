/// The value of an element of a request's body.
func sent(_ name: String, in body: String) -> String {
    guard let start = body.firstRange(of: "<\(name)>"), let end = body[start.upperBound...].firstRange(of: "</\(name)>")
    else {
        return ""
    }
    return String(body[start.upperBound..<end.lowerBound])
}

/// A SOAP 1.1 envelope around what stands in its body.
func envelope(_ body: String, prolog: String = "<?xml version=\"1.0\" encoding=\"utf-8\"?>") -> String {
    "\(prolog)<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>\(body)</s:Body></s:Envelope>"
}
