"""Writes the same rows as a workbook, by a writer that is not ours, and as CSV.

usage: workbooks.py WRITER SEED FOLDER
"""

import csv
import datetime
import random
import sys

writer, seed, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
rng = random.Random(seed)
# Between `_x` and `_` stands a character's number: openpyxl writes such a text as it is, which then means `A`.
escape = "-" if writer == "openpyxl" else "_x0041_"
texts = ["张伟", "欧阳建国", "a,b", 'say "no"', "two\nlines", " blank ", "'00001", "1E5", "<&>", escape, "😀 室温", "-", "0012", "#REF!"]


def value(column):
    if rng.random() < 0.1:
        return None
    if column == 1:
        return rng.choice(texts)
    if column == 2:
        return rng.randint(-10**9, 10**14)
    if column == 3:
        return rng.randint(-10**9, 10**9) / 100
    if column == 4:
        return rng.randint(0, 10**15) / 1000
    if column == 5:
        return datetime.date(1900, 3, 1) + datetime.timedelta(days=rng.randint(0, 60000))
    if column == 6:
        return datetime.datetime(2000, 1, 1) + datetime.timedelta(seconds=rng.randint(0, 10**9))
    if column == 7:
        return rng.random() < 0.5
    # 15 digits: no writer tells more of a number.
    return float(f"{rng.random() * 10 ** rng.randint(-4, 6):.15g}")


def text(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        if value == int(value):
            return str(int(value))
        shortest = repr(value)
        if "e" in shortest:
            digits = len(shortest.split("e")[0].replace(".", "").replace("-", ""))
            return f"{value:.{digits - 1 - int(shortest.split('e')[1])}f}"
        return shortest
    return str(value)


header = ["户号", "文本", "整数", "金额", "面积", "日期", "时刻", "是否", "小数"]
rows = [[f"{10000000 + index}"] + [value(column) for column in range(1, 9)] for index in range(200)]

if writer == "openpyxl":
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(header)
    for row in rows:
        sheet.append(row)
    for row in sheet.iter_rows(min_row=2):
        row[5].number_format = "yyyy-mm-dd"
        row[6].number_format = "yyyy/m/d h:mm:ss"
        if row[1].value == "#REF!":
            row[1].data_type = "s"
    book.save(f"{folder}/yh_1.xlsx")
else:
    import xlsxwriter

    book = xlsxwriter.Workbook(f"{folder}/yh_1.xlsx", {"constant_memory": writer == "streamed", "use_zip64": writer == "streamed"})
    sheet = book.add_worksheet("用户")
    day = book.add_format({"num_format": 'yyyy"年"m"月"d"日"'})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    for number, row in enumerate([header] + rows):
        for column, cell in enumerate(row):
            if cell is None:
                continue
            if isinstance(cell, str):
                sheet.write_string(number, column, cell)
            elif isinstance(cell, bool):
                sheet.write_boolean(number, column, cell)
            elif isinstance(cell, datetime.datetime):
                sheet.write_datetime(number, column, cell, moment)
            elif isinstance(cell, datetime.date):
                sheet.write_datetime(number, column, cell, day)
            else:
                sheet.write_number(number, column, cell)
    book.close()

with open(f"{folder}/yh_1.csv", "w", newline="", encoding="utf-8") as file:
    out = csv.writer(file)
    out.writerow(header)
    out.writerows([[text(cell) for cell in row] for row in rows])
