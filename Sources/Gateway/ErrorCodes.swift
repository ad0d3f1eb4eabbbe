import HeatModel

extension HearthError.Code {
    static let fileCannotOpen = Self("file.cannotOpen")
    static let fileCannotRead = Self("file.cannotRead")
    static let serveCannotListen = Self("serve.cannotListen")
    static let serveClosed = Self("serve.closed")
}
