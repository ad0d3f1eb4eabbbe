/// Customers as a CSV file: quotes, doubled quotes and line breaks within fields here and there.
enum CustomerFile {
    static func write(_ count: Int, to path: String) throws {
        let file = try DataFile(path)
        file.append(
            "account_no,name,phone,id_no,city,district,community,building,unit,room,area_m2,heating_type,status,station_code,tariff_code,unit_price,arrears,opened_on,updated_at,remark\r\n"
        )
        let names = ["张伟", "王芳", "李娜", "刘洋", "陈静", "欧阳建国", "赵敏", "孙丽"]
        let districts = ["和平区", "沈河区", "铁西区", "皇姑区", "浑南区"]
        for index in 0..<count {
            var remark = index % 3 == 0 ? "" : "供热面积已复核"
            if index % 50 == 0 { remark = "\"用户备注,含\"\"引号\"\"\"" }
            if index % 997 == 0 { remark = "\"两行\n备注\"" }
            let day = DataFile.padded(1 + index % 28, 2)
            file.append(
                "HT\(10_000_000 + index),\(names[index % 8])\(index % 977),139\(DataFile.padded(index % 100_000_000, 8)),"
            )
            file.append(
                "2101\(DataFile.padded(index % 90_000_000, 14)),沈阳市,\(districts[index % 5]),阳光花园小区\(index % 321),")
            file.append(
                "\(1 + index % 40)号楼,\(1 + index % 6)单元,\(101 + index % 900),\(DataFile.hundredths(6000 + index * 7919 % 12000)),"
            )
            file.append(
                "\(index % 2 == 0 ? "散热器" : "地暖"),\(index % 20 >= 18 ? "报停" : "正常供热"),ST\(100 + index % 300),RES-26,26.000,"
            )
            file.append(
                "\(DataFile.hundredths(index * 31 % 300_000)),20\(DataFile.padded(5 + index % 20, 2))-10-\(day),")
            file.append("2026-10-\(day)T\(DataFile.padded(index % 24, 2)):00:00+08:00,\(remark)\r\n")
        }
        try file.close()
    }
}
