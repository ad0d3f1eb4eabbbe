"""Writes four heating companies in four styles of naming into a folder, with truth.json: what each column means.

caps.sqlite      abbreviations in capitals, as Oracle shops have them
english.sql      English words, with comments, for PostgreSQL
initials.sqlite  initials of Chinese words
headers/*.csv    Chinese headers
"""

import csv
import datetime
import json
import os
import random
import sqlite3
import sys

out = sys.argv[1]
rng = random.Random(7)
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平"
COMMUNITIES = ["阳光花园", "和平里小区", "滨河家园", "幸福苑"]
WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]


def identity():
    body = "1201%02d%04d%02d%02d%03d" % (rng.randint(1, 16), rng.randint(1950, 1999), rng.randint(1, 12), rng.randint(1, 28), rng.randint(1, 999))
    return body + "10X98765432"[sum(int(c) * w for c, w in zip(body, WEIGHTS)) % 11]


def phone():
    return "1" + rng.choice("3578") + "".join(rng.choice("0123456789") for _ in range(9))


def day(year=2025):
    return datetime.date(year, rng.randint(1, 12), rng.randint(1, 28))


def moment(year=2025):
    return datetime.datetime(year, rng.randint(1, 12), rng.randint(1, 28), rng.randint(7, 19), rng.randint(0, 59), rng.randint(0, 59))


class Household:
    def __init__(self, index):
        self.number = "%08d" % (20010000 + index * 3)
        self.name = rng.choice(SURNAMES) + rng.choice(GIVEN) + rng.choice(["", rng.choice(GIVEN)])
        self.phone = phone()
        self.identity = identity()
        self.community = COMMUNITIES[index % 4]
        self.building = index // 4 % 9 + 1
        self.unit = index % 3 + 1
        self.floor = index % 6 + 1
        self.room = "%d0%d" % (self.floor, index % 4 + 1)
        self.area = rng.randint(5000, 16000) / 100
        self.inner = round(self.area * 0.82, 2)
        self.kind = rng.random()
        self.due = round(self.area * 25, 2)
        self.paid = self.due if rng.random() < 0.6 else round(self.due / 2, 2) if rng.random() < 0.5 else 0.0
        self.left = round(self.due - self.paid, 2)
        self.opened = day(2015)
        self.changed = moment()


houses = [Household(i) for i in range(240)]
truth = {}


def table(schema, name, entity, columns, rows):
    """columns: (name, field, value of a household and a number); a field of "" is none of Hearth's."""
    truth.setdefault(schema, {})[name] = {"entity": entity, "columns": {c[0]: c[1] for c in columns}}
    return name, columns, [[c[2](h, i) for c in columns] for i, h in enumerate(rows)]


def pick(values):
    return lambda h, i: values[i % len(values)]


def status(paid, partly, unpaid):
    return lambda h, i: unpaid if h.paid == 0 else paid if h.left == 0 else partly


caps = [
    table("caps", "CUST_MASTER", "premises", [
        ("CUST_NO", "account.number", lambda h, i: h.number), ("CUST_NM", "holder.name", lambda h, i: h.name),
        ("CUST_TYPE", "class", lambda h, i: "RESIDENT" if h.kind < 0.9 else "COMMERCIAL"),
        ("MOBILE_NO", "holder.phones", lambda h, i: h.phone), ("ID_CARD_NO", "holder.idNumber", lambda h, i: h.identity),
        ("COMM_NM", "community", lambda h, i: h.community), ("BLDG_NO", "building", lambda h, i: str(h.building)),
        ("UNIT_NO", "unit", lambda h, i: str(h.unit)), ("FLR_NO", "floor", lambda h, i: str(h.floor)),
        ("ROOM_NO", "room", lambda h, i: h.room), ("FLOOR_AREA", "area.building", lambda h, i: "%.2f" % h.area),
        ("CHARGE_AREA", "area.billing", lambda h, i: "%.2f" % h.area), ("INNER_AREA", "area.inner", lambda h, i: "%.2f" % h.inner),
        ("BILLING_METHOD", "method", lambda h, i: "BY AREA" if i % 5 else "METERED"),
        ("HEAT_STATUS", "supply.state", lambda h, i: "ACTIVE" if i % 11 else "SUSPENDED"),
        ("VALVE_STATUS", "supply.valve", lambda h, i: "OPEN" if i % 11 else "CLOSED"),
        ("STATION_NM", "station", lambda h, i: "STN-%d" % (i % 6)), ("LOW_INCOME_FLAG", "flags.lowIncome", lambda h, i: "Y" if i % 17 == 0 else "N"),
        ("OPEN_DATE", "openedOn", lambda h, i: h.opened.isoformat()), ("LAST_UPDATE_TIME", "updatedAt", lambda h, i: h.changed.isoformat(" ")),
        ("REMARKS", "remark", lambda h, i: "看房后交" if i % 9 == 0 else None), ("TENANT_ID", "", lambda h, i: "1"),
        ("EMAIL", "", lambda h, i: "u%d@mail.example" % i)], houses),
    table("caps", "BILL_LINE", "charge", [
        ("BILL_ID", "number", lambda h, i: "B%06d" % i), ("CUST_NO", "account.number", lambda h, i: h.number),
        ("HEATING_SEASON", "season", pick(["2024-2025", "2025-2026"])), ("FEE_TYPE", "item", pick(["HEAT", "HEAT", "LATE FEE", "HEAT"])),
        ("QTY", "quantity", lambda h, i: "%.2f" % h.area), ("UOM", "unit", lambda h, i: "M2"), ("UNIT_PRICE", "unitPrice", lambda h, i: "25.000"),
        ("AMT_DUE", "due", lambda h, i: "%.2f" % h.due), ("AMT_PAID", "received", lambda h, i: "%.2f" % h.paid),
        ("OUTSTANDING_AMT", "arrears", lambda h, i: "%.2f" % h.left), ("DISCOUNT_AMT", "discount", lambda h, i: "0.00"),
        ("PAYMENT_STATUS", "status", status("PAID", "PARTIAL", "UNPAID")), ("DUE_DATE", "dueOn", lambda h, i: "2025-12-31"),
        ("BILL_DATE", "issuedAt", lambda h, i: moment().isoformat(" ")), ("VOID_FLAG", "voided", lambda h, i: "1" if i % 40 == 0 else "0"),
        ("CREATED_BY", "", pick(["SYS", "OP1"]))], houses),
    table("caps", "PAYMENT", "payment", [
        ("RECEIPT_NO", "number", lambda h, i: "R%07d" % i), ("CUST_NO", "account.number", lambda h, i: h.number),
        ("HEATING_SEASON", "season", pick(["2024-2025", "2025-2026"])), ("PAY_TIME", "paidAt", lambda h, i: moment().isoformat(" ")),
        ("PAY_AMT", "amount", lambda h, i: "%.2f" % (h.paid or 100)), ("PAY_METHOD", "channel", pick(["WECHAT", "ALIPAY", "CASH", "CARD"])),
        ("TRANSACTION_NO", "serial", lambda h, i: "T%012d" % (i * 7919)), ("INVOICE_NO", "invoiceNumber", lambda h, i: "%08d" % (90000000 + i)),
        ("REVERSAL_FLAG", "reversed", lambda h, i: "Y" if i % 50 == 3 else "N"), ("CASHIER", "", pick(["C1", "C2", "C3"]))], houses),
    table("caps", "METER_READING", "meterReading", [
        ("READING_ID", "", lambda h, i: str(i + 1)), ("CUST_NO", "account.number", lambda h, i: h.number),
        ("METER_NO", "meter", lambda h, i: "M%06d" % (i * 13)), ("READING_DATE", "readAt", lambda h, i: moment(2026).isoformat(" ")),
        ("PREV_READING", "startValue", lambda h, i: "%.1f" % (1000 + i)), ("CURR_READING", "endValue", lambda h, i: "%.1f" % (1800 + i * 1.5)),
        ("CONSUMPTION", "consumption", lambda h, i: "%.1f" % (800 + i * 0.5)), ("UOM", "unit", lambda h, i: "KWH"),
        ("HEATING_SEASON", "season", lambda h, i: "2025-2026")], houses),
]

english = [
    table("english", "customers", "premises", [
        ("customer_id", "account.id", lambda h, i: 5000 + i), ("account_number", "account.number", lambda h, i: h.number),
        ("full_name", "holder.name", lambda h, i: h.name), ("phone_number", "holder.phones", lambda h, i: h.phone),
        ("national_id", "holder.idNumber", lambda h, i: h.identity), ("community_name", "community", lambda h, i: h.community),
        ("building_number", "building", lambda h, i: str(h.building)), ("unit_number", "unit", lambda h, i: str(h.unit)),
        ("flat_number", "room", lambda h, i: h.room), ("gross_floor_area", "area.building", lambda h, i: "%.2f" % h.area),
        ("heated_area", "area.billing", lambda h, i: "%.2f" % h.area), ("ceiling_height", "area.ceilingHeight", pick(["2.80", "2.90", "3.30"])),
        ("customer_class", "class", lambda h, i: "residential" if h.kind < 0.9 else "commercial"), ("is_elderly", "flags.elderly", lambda h, i: i % 13 == 0),
        ("service_status", "supply.state", lambda h, i: "active" if i % 11 else "suspended"), ("heat_station", "station", lambda h, i: "station %d" % (i % 6)),
        ("connected_on", "openedOn", lambda h, i: h.opened.isoformat()), ("updated_at", "updatedAt", lambda h, i: h.changed.isoformat(" ")),
        ("email", "", lambda h, i: "u%d@mail.example" % i), ("orientation", "", pick(["S", "N", "E"]))], houses),
    table("english", "bill_lines", "charge", [
        ("id", "number", lambda h, i: i + 1), ("account_number", "account.number", lambda h, i: h.number), ("season", "season", pick(["2024-2025", "2025-2026"])),
        ("line_type", "item", pick(["heat", "heat", "suspension fee"])), ("quantity", "quantity", lambda h, i: "%.2f" % h.area),
        ("unit_of_measure", "unit", lambda h, i: "m2"), ("unit_price", "unitPrice", lambda h, i: "25.000"), ("amount_due", "due", lambda h, i: "%.2f" % h.due),
        ("amount_received", "received", lambda h, i: "%.2f" % h.paid), ("balance", "arrears", lambda h, i: "%.2f" % h.left),
        ("late_fee", "penalty", lambda h, i: "0.00"), ("status", "status", status("paid", "partial", "unpaid")), ("due_date", "dueOn", lambda h, i: "2025-12-31"),
        ("issued_at", "issuedAt", lambda h, i: moment().isoformat(" ")), ("is_void", "voided", lambda h, i: i % 40 == 0), ("row_version", "", lambda h, i: 1)], houses),
    table("english", "service_orders", "workOrder", [
        ("order_number", "number", lambda h, i: "SO-%05d" % i), ("customer_id", "account.id", lambda h, i: 5000 + i),
        ("problem_type", "kind", pick(["no heat", "leak", "low temperature", "other"])), ("status", "state", pick(["dispatched", "closed", "in progress", "new"])),
        ("reported_at", "createdAt", lambda h, i: moment(2026).isoformat(" ")), ("dispatched_at", "dispatchedAt", lambda h, i: moment(2026).isoformat(" ")),
        ("completed_at", "completedAt", lambda h, i: moment(2026).isoformat(" ") if i % 3 else None), ("technician", "technician", lambda h, i: rng.choice(SURNAMES) + rng.choice(GIVEN)),
        ("crew", "crew", pick(["crew 1", "crew 2"])), ("problem_description", "description", pick(["卧室不热", "客厅漏水", "整屋温度低"])),
        ("resolution", "result", pick(["放气后正常", "更换阀门", None])), ("caller_phone", "phone", lambda h, i: phone()), ("rating", "satisfaction", pick(["good", "fair", "bad"])),
        ("is_urgent", "urgent", lambda h, i: i % 7 == 0)], houses),
    table("english", "room_temperatures", "roomTemperature", [
        ("id", "", lambda h, i: i + 1), ("account_number", "account.number", lambda h, i: h.number), ("temperature", "celsius", lambda h, i: "%.1f" % (16 + i % 80 / 10)),
        ("measured_at", "measuredAt", lambda h, i: moment(2026).isoformat(" ")), ("location", "place", pick(["客厅", "卧室"])),
        ("measurement_method", "method", pick(["visit", "device"]))], houses),
]

initials = [
    table("initials", "rl_yhxx", "premises", [
        ("hh", "account.number", lambda h, i: h.number), ("hzxm", "holder.name", lambda h, i: h.name), ("lxdh", "holder.phones", lambda h, i: h.phone),
        ("sfzh", "holder.idNumber", lambda h, i: h.identity), ("xqmc", "community", lambda h, i: h.community), ("ldh", "building", lambda h, i: str(h.building)),
        ("dyh", "unit", lambda h, i: str(h.unit)), ("fjh", "room", lambda h, i: h.room), ("jzmj", "area.building", lambda h, i: "%.2f" % h.area),
        ("gnmj", "", lambda h, i: "%.2f" % h.area), ("tnmj", "area.inner", lambda h, i: "%.2f" % h.inner), ("gtmj", "area.shared", lambda h, i: "%.2f" % (h.area - h.inner)),
        ("cg", "area.ceilingHeight", pick(["2.80", "3.00"])), ("yhlx", "class", lambda h, i: "居民" if h.kind < 0.9 else "非居民"), ("jffs", "method", lambda h, i: "按面积" if i % 5 else "计量"),
        ("grzt", "supply.state", lambda h, i: "正常" if i % 11 else "报停"), ("hrz", "station", lambda h, i: "%d号站" % (i % 6)), ("gwbh", "networkNumber", lambda h, i: "GW%04d" % i),
        ("sfdb", "flags.lowIncome", lambda h, i: "是" if i % 17 == 0 else "否"), ("khrq", "openedOn", lambda h, i: h.opened.strftime("%Y%m%d")), ("gxsj", "updatedAt", lambda h, i: h.changed.isoformat(" ")),
        ("bz", "remark", lambda h, i: "空置" if i % 9 == 0 else None), ("zdmj", "", lambda h, i: "%.2f" % (h.area / 6)), ("czy", "", pick(["管理员", "前台"]))], houses),
    table("initials", "rl_ysmx", "charge", [
        ("id", "number", lambda h, i: i + 1), ("hh", "account.number", lambda h, i: h.number), ("cnq", "season", pick(["2024-2025", "2025-2026"])),
        ("fylb", "item", pick(["热费", "热费", "滞纳金"])), ("sl", "quantity", lambda h, i: "%.2f" % h.area), ("jldw", "unit", lambda h, i: "㎡"), ("dj", "unitPrice", lambda h, i: "25.000"),
        ("ysje", "due", lambda h, i: "%.2f" % h.due), ("sfje", "received", lambda h, i: "%.2f" % h.paid), ("qfje", "arrears", lambda h, i: "%.2f" % h.left), ("jmje", "reduction", lambda h, i: "0.00"),
        ("jfzt", "status", status("已缴", "部分", "未缴")), ("jzrq", "dueOn", lambda h, i: "20251231"), ("scsj", "issuedAt", lambda h, i: moment().isoformat(" ")), ("zf", "voided", lambda h, i: 1 if i % 40 == 0 else 0)], houses),
    table("initials", "rl_jfjl", "payment", [
        ("lsh", "serial", lambda h, i: "%014d" % (20250000000000 + i)), ("hh", "account.number", lambda h, i: h.number), ("cnq", "season", pick(["2024-2025", "2025-2026"])),
        ("jfsj", "paidAt", lambda h, i: moment().isoformat(" ")), ("jfje", "amount", lambda h, i: "%.2f" % (h.paid or 100)), ("jffs", "channel", pick(["微信", "现金", "支付宝"])),
        ("fphm", "invoiceNumber", lambda h, i: "%08d" % (90000000 + i)), ("dzzt", "reconciled", lambda h, i: 1 if i % 5 else 0), ("hc", "reversed", lambda h, i: 1 if i % 50 == 3 else 0), ("sfy", "", pick(["一号窗口", "二号窗口"]))], houses),
    table("initials", "rl_bxd", "workOrder", [
        ("gdh", "number", lambda h, i: "GD%05d" % i), ("hh", "account.number", lambda h, i: h.number), ("bxlx", "kind", pick(["不热", "漏水", "测温", "其他"])), ("gdzt", "state", pick(["已派单", "已完成", "处理中", "已回访"])),
        ("bxsj", "createdAt", lambda h, i: moment(2026).isoformat(" ")), ("pdsj", "dispatchedAt", lambda h, i: moment(2026).isoformat(" ")), ("wcsj", "completedAt", lambda h, i: moment(2026).isoformat(" ") if i % 3 else None),
        ("bxnr", "description", pick(["卧室不热", "客厅漏水"])), ("cljg", "result", pick(["放气后正常", "更换阀门"])), ("lddh", "phone", lambda h, i: phone()), ("myd", "satisfaction", pick(["满意", "一般", "不满意"])), ("sfjj", "urgent", lambda h, i: "是" if i % 7 == 0 else "否")], houses),
]

headers = [
    table("headers", "用户信息", "premises", [
        ("户号", "account.number", lambda h, i: h.number), ("户主姓名", "holder.name", lambda h, i: h.name), ("手机号码", "holder.phones", lambda h, i: h.phone), ("身份证号码", "holder.idNumber", lambda h, i: h.identity),
        ("小区名称", "community", lambda h, i: h.community), ("楼栋号", "building", lambda h, i: "%d号楼" % h.building), ("单元号", "unit", lambda h, i: "%d单元" % h.unit), ("所在楼层", "floor", lambda h, i: str(h.floor)), ("房间号", "room", lambda h, i: h.room),
        ("建筑面积(㎡)", "area.building", lambda h, i: "%.2f" % h.area), ("收费面积(㎡)", "area.billing", lambda h, i: "%.2f" % h.area), ("层高", "area.ceilingHeight", pick(["2.8", "3.0"])), ("用户性质", "class", lambda h, i: "居民" if h.kind < 0.9 else "公建"),
        ("收费方式", "method", lambda h, i: "面积" if i % 5 else "计量"), ("用热状态", "supply.state", lambda h, i: "正常" if i % 11 else "停热"), ("所属换热站", "station", lambda h, i: "%d号站" % (i % 6)), ("是否低保", "flags.lowIncome", lambda h, i: "是" if i % 17 == 0 else "否"),
        ("开户日期", "openedOn", lambda h, i: h.opened.strftime("%Y/%m/%d")), ("备注", "remark", lambda h, i: "空置" if i % 9 == 0 else ""), ("占地面积", "", lambda h, i: "%.2f" % (h.area / 6)), ("操作员", "", pick(["管理员", "前台"])), ("性别", "", pick(["男", "女"]))], houses),
    table("headers", "应收明细", "charge", [
        ("账单编号", "number", lambda h, i: "ZD%06d" % i), ("户号", "account.number", lambda h, i: h.number), ("采暖期", "season", pick(["2024-2025", "2025-2026"])), ("收费项目", "item", pick(["采暖费", "采暖费", "滞纳金"])), ("数量", "quantity", lambda h, i: "%.2f" % h.area),
        ("单价", "unitPrice", lambda h, i: "25"), ("应收金额(元)", "due", lambda h, i: "%.2f" % h.due), ("实收金额(元)", "received", lambda h, i: "%.2f" % h.paid), ("欠费金额(元)", "arrears", lambda h, i: "%.2f" % h.left), ("缴费状态", "status", status("已缴清", "部分缴费", "未缴")), ("截止日期", "dueOn", lambda h, i: "2025年12月31日")], houses),
    table("headers", "缴费记录", "payment", [
        ("流水号", "serial", lambda h, i: "LS%010d" % i), ("户号", "account.number", lambda h, i: h.number), ("采暖期", "season", pick(["2024-2025", "2025-2026"])), ("缴费时间", "paidAt", lambda h, i: moment().strftime("%Y/%m/%d %H:%M:%S")), ("缴费金额", "amount", lambda h, i: "%.2f" % (h.paid or 100)), ("支付方式", "channel", pick(["微信", "现金", "银行卡"])), ("发票号码", "invoiceNumber", lambda h, i: "%08d" % (90000000 + i)), ("收款员", "", pick(["一号窗口", "二号窗口"]))], houses),
    table("headers", "报停记录", "suspension", [
        ("单据编号", "", lambda h, i: "BT%05d" % i), ("户号", "account.number", lambda h, i: h.number), ("采暖期", "season", lambda h, i: "2025-2026"), ("报停类型", "kind", pick(["报停", "部分报停", "恢复"])), ("开始日期", "from", lambda h, i: "2025-11-15"), ("结束日期", "to", lambda h, i: "2026-03-15"), ("报停比例", "suspendedShare", pick(["1", "0.5", "1"])), ("报停原因", "reason", pick(["外出", "装修"])), ("申请日期", "requestedOn", lambda h, i: day().isoformat()), ("审核状态", "state", pick(["已审核", "待审核"]))], houses[:120]),
]


def sqlite(name, tables):
    with sqlite3.connect(os.path.join(out, name)) as database:
        for table_name, columns, rows in tables:
            database.execute('CREATE TABLE "%s" (%s)' % (table_name, ", ".join('"%s" TEXT' % c[0] for c in columns)))
            database.executemany('INSERT INTO "%s" VALUES (%s)' % (table_name, ",".join("?" * len(columns))), rows)


def literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return "'" + str(value).replace("'", "''") + "'"


def kind(name, value):
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "bigint"
    if name.endswith("_at"):
        return "timestamp(0)"
    if name.startswith("amount") or name in ("balance", "late_fee"):
        return "numeric(14,2)"
    return "text"


sqlite("caps.sqlite", caps)
sqlite("initials.sqlite", initials)
with open(os.path.join(out, "english.sql"), "w", encoding="utf-8") as sql:
    for table_name, columns, rows in english:
        sql.write("CREATE TABLE %s (%s);\n" % (table_name, ", ".join("%s %s" % (c[0], kind(c[0], next((r[i] for r in rows if r[i] is not None), ""))) for i, c in enumerate(columns))))
        for row in rows:
            sql.write("INSERT INTO %s VALUES (%s);\n" % (table_name, ", ".join(literal(v) for v in row)))
    sql.write("ALTER TABLE customers ADD COLUMN f17 text; UPDATE customers SET f17 = 'GW' || customer_id;\n")
    sql.write("COMMENT ON COLUMN customers.f17 IS '管网编号';\n")
truth["english"]["customers"]["columns"]["f17"] = "networkNumber"
os.makedirs(os.path.join(out, "headers"), exist_ok=True)
for table_name, columns, rows in headers:
    with open(os.path.join(out, "headers", table_name + ".csv"), "w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([c[0] for c in columns])
        writer.writerows(rows)
with open(os.path.join(out, "truth.json"), "w", encoding="utf-8") as file:
    json.dump(truth, file, ensure_ascii=False, indent=1)
