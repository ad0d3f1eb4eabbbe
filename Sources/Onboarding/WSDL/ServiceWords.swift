/// What names in service descriptions usually mean. Compared in small letters without `_`, `-` and blanks; the lists are those of
/// services that were seen (MultiSpeak, IEC 61968-100, .asmx and Axis services of Chinese vendors), in English and in pinyin.
enum ServiceWords {
    enum Parameter { case page, pageSize, since, until, token, user, password, session }

    static func folded(_ name: String) -> String {
        String(name.lowercased().filter { $0 != "_" && $0 != "-" && $0 != " " })
    }

    static func parameter(_ name: String) -> Parameter? {
        let name = folded(name)
        return parameters.first { $0.names.contains(name) }?.meaning
    }

    private static let parameters: [(meaning: Parameter, names: Set<String>)] = [
        (
            .page,
            [
                "page", "pageno", "pagenum", "pagenumber", "pageindex", "currentpage", "curpage", "pagecurrent", "ym",
                "dqy", "yeshu",
            ]
        ),
        (
            .pageSize,
            [
                "pagesize", "pagecount", "pagerows", "rows", "limit", "maxrows", "maxrecords", "maxresults", "perpage",
                "recordsperpage", "size", "mys", "mytiaoshu",
            ]
        ),
        (
            .until,
            [
                "until", "to", "endtime", "enddate", "todate", "totime", "endat", "timeto", "dateto", "jssj", "jsrq",
                "endperiod", "stoptime",
            ]
        ),
        (
            .since,
            [
                "since", "from", "updatedsince", "modifiedsince", "changedsince", "lastmodified", "lastupdate",
                "lastupdated",
                "lastupdatetime", "lastsync", "lastsynctime", "begintime", "begindate", "starttime", "startdate",
                "fromdate",
                "fromtime", "updatedafter", "modifiedafter", "kssj", "ksrq", "gxsj", "startperiod", "timefrom",
                "datefrom",
            ]
        ),
        (
            .token,
            ["token", "nexttoken", "pagetoken", "continuationtoken", "lastreceived", "cursor", "bookmark", "scrollid"]
        ),
        (.user, ["user", "userid", "username", "loginname", "account", "yhm", "uid"]),
        (.password, ["password", "pwd", "passwd", "passwort", "mm", "userpassword"]),
        (.session, ["session", "sessionid", "sessionkey", "ticket", "accesstoken", "authtoken"]),
    ]

    /// What an answer says of its own paging.
    enum Statement { case hasMore, total, pageCount, nextToken, resultCode, message }

    static func statement(_ name: String) -> Statement? {
        let name = folded(name)
        return statements.first { $0.names.contains(name) }?.meaning
    }

    private static let statements: [(meaning: Statement, names: Set<String>)] = [
        (.hasMore, ["hasmore", "hasnext", "hasnextpage", "more", "morerecords", "moredata", "moreresults", "ismore"]),
        (
            .total,
            [
                "total", "totalcount", "totalrecords", "recordcount", "totalrows", "totalnum", "zs", "zts",
                "totalresults",
            ]
        ),
        (.pageCount, ["pagecount", "totalpages", "totalpage", "pages", "zys", "pagetotal"]),
        (.nextToken, ["nexttoken", "nextpagetoken", "continuationtoken", "nextcursor", "lastsent", "nextbookmark"]),
        (
            .resultCode,
            [
                "code", "resultcode", "retcode", "returncode", "errcode", "errorcode", "status", "success", "result",
                "flag",
            ]
        ),
        (
            .message,
            ["message", "msg", "errmsg", "errormessage", "resultmessage", "returnmsg", "description", "reason"]
        ),
    ]

    /// Whether an operation of this name reads, as far as its verb tells. Nil where it does not.
    static func reads(_ operation: String) -> Bool? {
        let name = operation.lowercased()
        if reading.contains(where: name.hasPrefix) { return true }
        if writing.contains(where: name.hasPrefix) { return false }
        if name.hasSuffix("query") || name.hasSuffix("list") || name.hasSuffix("search") { return true }
        return nil
    }

    static let logins: Set<String> = [
        "login", "logon", "signin", "authenticate", "getsession", "opensession", "gettoken",
    ]

    private static let reading = [
        "get", "query", "list", "find", "search", "read", "fetch", "select", "retrieve", "load", "show", "export",
        "pull",
        "download", "cx", "chaxun", "huoqu", "hq",
    ]
    private static let writing = [
        "create", "add", "insert", "save", "set", "update", "modify", "change", "delete", "remove", "cancel", "close",
        "execute", "send", "submit", "post", "put", "push", "write", "notify", "initiate", "assign", "import", "upload",
        "confirm", "approve", "reject", "pay", "publish", "register", "ping", "xz", "xg", "sc", "tj", "bc",
    ]

    /// Names of the moment of a record's last change, the surest first.
    static let changes = [
        "updatedat", "updatetime", "updatedtime", "lastupdate", "lastupdated", "lastupdatetime", "lastmodified",
        "lastmodifieddatetime", "modifiedat", "modifytime", "modified", "changedat", "changetime", "lastchange", "gxsj",
        "xgsj", "gengxinshijian", "timestamp",
    ]
    /// Names of a record's moment, where it never changes.
    static let moments = [
        "createdat", "createtime", "createddatetime", "measuredat", "readat", "readingtime", "eventtime", "time", "at",
        "datetime", "recordedat", "cjsj", "lrsj", "cwsj",
    ]
    /// Whether a record within a record needs what is called so of the one around it: who it is, whose, where, and when it changed.
    static func belongsAround(_ name: String) -> Bool {
        let name = folded(name)
        return identities.contains(name) || changes.contains(name)
            || ["account", "acct", "customer", "consumer", "billing", "community", "address"].contains {
                name.contains($0)
            }
            || ["yhkh", "yhbh", "yhid", "hh", "kh", "xqmc", "xq", "dz", "yhdz"].contains(name)
    }

    /// Names that identify a record, the surest first.
    static let identities = [
        "mrid", "id", "objectid", "guid", "uuid", "no", "number", "code", "recordid", "serialno", "bh", "dh", "lsh",
        "key",
    ]
}
