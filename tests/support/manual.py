"""A Word manual as centres have them: chapters, entries with steps, tables and screenshots. About 200 pages."""

import io
import random
import struct
import zlib
from dataclasses import dataclass
from functools import cache

from docx import Document
from docx.shared import Cm

CHAPTERS = ("账单与缴费", "宽带故障", "移动号码", "套餐与资费", "装机与移机", "投诉与升级", "国际漫游", "电视业务")
TOPICS = (
    "如何查询{}明细",
    "{}办理条件",
    "{}收费标准",
    "{}常见问题一",
    "{}常见问题二",
    "{}退订规则",
    "{}处理时限",
    "{}转派规则",
    "{}特殊情况",
    "{}话术参考",
)
SENTENCES = (
    "先核对客户的证件号码和受理号码是否一致，不一致时不能办理。",
    "客户不在本地时，可以请客户到任意营业厅出示有效证件办理。",
    "系统提示在途工单时，先查工单的状态，竣工以后再受理新的业务。",
    "费用按自然月计算，当月办理的按天折算，次月起按整月收取。",
    "超过时限没有处理的，按升级流程转给班组长，并记录客户的联系时间。",
    "遇到系统故障时，先安抚客户，再用纸质工单登记，恢复以后补录。",
)


@dataclass(frozen=True)
class Manual:
    """The file, and how much of what is in it."""

    data: bytes
    entries: int
    pictures: int
    tables: int


def png(seed: int, *, side: int = 120) -> bytes:
    """Return a picture of noise that packs badly, as screenshots do."""
    chance = random.Random(seed)
    rows = b"".join(b"\0" + chance.randbytes(3 * side) for _ in range(side))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@cache
def manual(*, chapters: int = 8, paragraphs: int = 28) -> Manual:
    """Return a manual: with all its chapters 80 entries on some 200 pages of A4."""
    chance = random.Random(7)
    document = Document()
    document.add_heading("客服业务手册", 0)
    document.add_paragraph("本手册供坐席查阅。")
    pictures = tables = entries = 0
    for chapter in CHAPTERS[:chapters]:
        document.add_heading(chapter, 1)
        for topic in TOPICS:
            entries += 1
            document.add_heading(topic.format(chapter), 2)
            document.add_paragraph(f"第 {entries} 条：{chapter}的事由坐席当场答复。{chance.choice(SENTENCES)}")
            document.add_heading("操作步骤", 3)
            for _ in range(4):
                document.add_paragraph(chance.choice(SENTENCES), style="List Number")
            for _ in range(paragraphs):
                document.add_paragraph("".join(chance.choices(SENTENCES, k=3)))
            if entries % 2:
                pictures += 1
                document.add_picture(io.BytesIO(png(entries)), width=Cm(8))
            if entries % 4 == 0:
                tables += 1
                table = document.add_table(rows=4, cols=3)
                for number, name in enumerate(("档位", "月费", "说明")):
                    table.cell(0, number).text = name
                for row in range(1, 4):
                    for number, text in enumerate((f"{entries}0{row} 元档", f"{row * 10}", "含 | 线\n两行")):
                        table.cell(row, number).text = text
    data = io.BytesIO()
    document.save(data)
    return Manual(data.getvalue(), entries, pictures, tables)
