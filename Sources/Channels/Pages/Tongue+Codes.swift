/// What the codes of errors, notices and refused records mean, for who reads no English: their messages are English, and stand beside it.
extension Tongue {
    /// What a code means in Chinese; nil in English, where the message itself says it, and where there are no words.
    package func meaning(of code: String?) -> String? {
        guard self == .chinese, let code else { return nil }
        return Self.meanings[code]
    }

    private static let meanings: [String: String] = [
        // Why a record waits: its text.
        "record.required": "必填的字段,源里没有写", "record.noKey": "键的一部分,源里没有写", "record.badDecimal": "不是数字",
        "record.tooPrecise": "小数位数比规则保留的多", "record.outOfRange": "超出允许的范围", "record.badInteger": "不是整数",
        "record.badDate": "不是日期", "record.badInstant": "不是带时间的日期", "record.badBoolean": "既不是“是”的写法,也不是“否”的写法",
        "record.unknownCode": "代码表里没有这个代码", "record.badAccountNumber": "不是户号", "record.badPhone": "没有电话号码",
        "record.badIdNumber": "不是有效的身份证号", "record.badAddress": "不是单独的一栋楼、一个单元或一间房",
        "record.badSeason": "不是采暖期", "record.tooLong": "位数比规则补齐后的还多",
        "record.scientificNotation": "是科学计数法:表格软件把长号码写成了这样,后面的数字已经丢了",
        "record.undeclaredTrailer": "像是合计行,但配置里没有声明 trailer", "record.misplacedTrailer": "合计行不在文件末尾",
        "record.duplicateKey": "同一个键出现了两次,内容不同", "record.equalRow": "同一行出现了两次",
        "record.raggedRow": "这一行的列数与表头不同", "record.repeatedHeader": "表头又出现了一次", "record.undecodable": "编码不对,读不成文字",
        "record.tooLarge": "这条记录太大", "record.cut": "这一行被截断了", "record.brokenQuote": "引号没有配对",
        "record.strayQuote": "引号出现在不该有的地方", "record.unterminatedQuote": "引号没有结束",
        "record.cellDate": "单元格里的日期读不出来", "record.cellError": "单元格里是错误值", "record.mergedCells": "单元格是合并的",
        "record.formulaWithoutValue": "单元格是公式,没有算出的值", "record.otherColumns": "列与映射写成时的不同",
        "record.badReference": "XML 的引用不对", "record.contentElsewhere": "XML 的内容不在它该在的元素里",
        "record.repeatedElement": "XML 的元素出现了不止一次", "record.unboundPrefix": "XML 的前缀没有声明",
        // Why a record waits: its account.
        "match.unknownAccount": "没有这个户号的账户", "match.unknownId": "没有账户用这个外部编号", "match.unknownPlace": "写明的地址上没有账户",
        "match.ambiguousPlace": "写明的地址上不止一户", "match.ambiguousId": "这个外部编号不止一户在用",
        "match.conflict": "户号指向一户,外部编号指向另一户", "match.notStated": "既没有写户号,也没有写全地址",
        // Why a run failed.
        "run.busy": "这个数据流正在被别的运行读", "run.cancelled": "按要求停止了", "run.failed": "运行失败", "run.fenced": "另一个进程接手了这个数据流",
        "run.locked": "另一个进程正在同步这个数据流", "run.deleteFuse": "要消失的记录太多,先停下来,没有删",
        "run.countMismatch": "读到的条数与源说的不符", "run.cursorBack": "游标往回走了", "run.incomplete": "读到的比已有的少",
        "run.notWhole": "说是整个数据流,后面却又来了数据", "run.unproven": "没有依据证明数据是全的", "run.unended": "拉取没有正常结束",
        "run.needsSync": "要先完整同步一次", "run.quarantined": "有记录进了隔离区",
        "run.unbalanced": "账不平:读到的与交代的不相等(这是 Hearth 的错,请保留数据库并报告)",
        "run.slowLoss": "记录在一次次地少下去", "run.unreachable": "有些记录要把源完整重读一次,才能按新的映射",
        "source.unreachable": "连不上源系统", "source.timeout": "源系统太久没有应答", "source.refused": "源系统拒绝了请求",
        "source.unauthorized": "源系统不认这个用户名或密码", "source.forbidden": "这个用户没有读的权限", "source.tls": "TLS 连接没有建成:证书或协议不对",
        "source.truncated": "应答没有送完", "source.connectionLost": "与源系统的连接断了", "source.badCursor": "保存的游标读不懂",
        "source.failed": "数据流读不了", "source.transport": "网络传输出错", "source.httpStatus": "源系统应答的 HTTP 状态不对",
        "source.soapFault": "源系统应答了 SOAP 错误", "source.notSOAP": "应答不是 SOAP", "source.malformedXML": "应答不是合格的 XML",
        "source.badAnswer": "应答不是约定的样子", "source.totalMismatch": "源说的总数与读到的不符", "source.tooLarge": "应答太大",
        "source.queryFailed": "查询失败", "source.brokenData": "源库里的数据坏了", "source.charset": "字符集不对",
        "source.undecodable": "编码不对,读不成文字", "source.refilled": "表被清空重填过,或者改了行而游标列没有变",
        "source.rowSecurity": "行级安全策略挡住了一部分行",
        "source.standbyConflict": "备库取消了读取", "source.paddedKeys": "键的末尾有空格",
        "source.noFiles": "文件夹里没有文件", "source.noMatch": "没有文件名与写的样式相符", "source.overdue": "文件等了一天多还没有就绪",
        "source.noHeader": "文件没有表头", "source.badHeader": "表头不对", "source.headerChanged": "表头变了",
        "source.changed": "文件在读的时候变了",
        "source.corrupt": "文件坏了", "source.unreadable": "文件读不了", "source.wrongFormat": "文件不是约定的格式",
        "source.unknownEncoding": "看不出文件的编码", "source.olderSnapshot": "这份快照比已经读过的旧",
        "source.orderUnknown": "看不出几份快照哪份在前",
        "source.trailerMismatch": "文件尾行的合计与读到的不符", "source.manifestMismatch": "文件与它的清单不符",
        "source.manifestBroken": "清单写得不对",
        "source.sheetUnknown": "工作簿里没有这张表", "source.hostKey": "文件服务器的主机密钥与记下的不同",
        "config.missing": "没有找到配置文件", "config.unreadable": "配置文件读不了", "config.badValue": "配置里有一个值不对",
        "config.unknownKey": "配置里有不认识的键", "config.missingKey": "配置里缺一个键", "config.syntax": "配置文件的写法不对",
        "config.unknownColumn": "源里没有映射写的这一列", "config.unknownTable": "源库里没有这张表", "config.unknownStream": "没有这个数据流",
        "config.unknownField": "映射里写了不认识的字段", "config.unknownConversion": "映射里写了不认识的转换", "config.badQuery": "配置里的查询不对",
        "store.busy": "数据库正忙", "store.failed": "数据库操作失败", "store.full": "磁盘满了", "store.corrupt": "数据库损坏",
        "store.unreachable": "连不上数据库", "store.disconnected": "与数据库的连接断了", "store.missing": "还没有数据库",
        "store.readOnly": "数据库只能读", "store.replica": "这是只读的备库", "archive.failed": "归档写不了", "archive.damaged": "归档损坏",
        // What was noticed beside the records.
        "soap.pathMatchesNothing": "映射写的路径在收到的记录里没有匹配", "soap.countIsPageNumber": "每页写的总数其实是页号",
        "cursor.behind": "没有一行的游标值够到上次见到的:行被删了,或者表重填过", "cursor.beyondNow": "游标超过了现在的时间",
        "cursor.transactionOpen": "源库里还有没结束的事务",
        "workbook.formulas": "有公式:读的是保存时算出的值",
        "workbook.hiddenColumns": "有隐藏的列", "workbook.hiddenRows": "有隐藏的行", "workbook.hiddenSheets": "有隐藏的表",
        "workbook.mergedCells": "有合并的单元格", "workbook.otherSheets": "还有没读的表", "workbook.titleRows": "表头前有标题行",
    ]
}
