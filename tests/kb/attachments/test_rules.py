import zipfile
from io import BytesIO

import pytest
from openpyxl import Workbook
from PIL import Image

from kb.attachments.rules import MAX_BYTES, MAX_NAME, FileKind, keys_in, markdown, safe_name, take
from kb.errors import InvalidInputError

KEY = "0123456789abcdef" * 2


def picture(form: str, size=(8, 6), **options) -> bytes:
    written = BytesIO()
    Image.new("RGB", size, (180, 60, 50)).save(written, form, **options)
    return written.getvalue()


def archive(**files: str) -> bytes:
    written = BytesIO()
    with zipfile.ZipFile(written, "w") as made:
        for name, text in files.items():
            made.writestr(name, text)
    return written.getvalue()


def workbook() -> bytes:
    written = BytesIO()
    Workbook().save(written)
    return written.getvalue()


TAKEN = {
    "picture.exe": (picture("PNG"), FileKind.PNG, "picture.exe.png"),
    "IMG_1.JPG": (picture("JPEG"), FileKind.JPEG, "IMG_1.jpg"),
    "a.gif": (picture("GIF"), FileKind.GIF, "a.gif"),
    "a.webp": (picture("WEBP"), FileKind.WEBP, "a.webp"),
    "手册.pdf": (b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n", FileKind.PDF, "手册.pdf"),
    "价目.xlsx": (workbook(), FileKind.XLSX, "价目.xlsx"),
    "说明.doc": (
        archive(**{"[Content_Types].xml": "<x/>", "word/document.xml": "<x/>"}), FileKind.DOCX, "说明.doc.docx",
    ),
    "备注.txt": ("你好".encode(), FileKind.TEXT, "备注.txt"),
    "旧.txt": ("你好，这是旧系统导出来的".encode("gb18030"), FileKind.TEXT, "旧.txt"),
}  # fmt: skip


@pytest.mark.parametrize("name", TAKEN)
def test_a_file_is_what_it_holds_whatever_it_is_called(name):
    data, kind, called = TAKEN[name]
    found = take(data, name)
    assert (found.kind, found.name) == (kind, called)
    assert found.data


def test_plain_text_becomes_utf8():
    assert take("你好，这是旧系统导出来的".encode("gb18030"), "旧.txt").data.decode() == "你好，这是旧系统导出来的"
    assert take(b"BM,1\nID;2\n", "x.csv").kind is FileKind.TEXT  # what begins like another format
    assert take("\ufeff你好".encode(), "新.txt").data.decode() == "你好"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * (MAX_BYTES + 1),
        b"MZ\x90\x00" + b"\0" * 200,
        b"\x7fELF" + b"\0" * 200,
        b"<html><script>alert(1)</script></html>",
        b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        archive(**{"a.txt": "x"}),
        archive(**{"[Content_Types].xml": "<x/>", "word/document.xml": "<x/>", "word/vbaProject.bin": "x"}),
        b"PK\x03\x04" + b"\0" * 50,
        picture("PNG")[:40],
        picture("PNG", (8000, 8000)),
        picture("TIFF"),
        bytes(range(256)),
    ],
    ids=[
        "empty",
        "large",
        "exe",
        "elf",
        "html",
        "svg",
        "zip",
        "macro",
        "brokenzip",
        "brokenpng",
        "bomb",
        "tiff",
        "bytes",
    ],
)
def test_what_may_not_be_uploaded_is_refused_with_the_field(data):
    with pytest.raises(InvalidInputError) as refused:
        take(data, "x.png")
    assert refused.value.field == "file"


def test_what_a_phone_puts_beside_a_picture_is_not_kept():
    exif = Image.Exif()
    exif[0x010E] = "Cuidi garden, house 7"
    exif[0x0112] = 6  # lies on its side
    data = picture("JPEG", (8, 6), exif=exif)
    assert b"Cuidi" in data
    clean = take(data, "x.jpg").data
    assert b"Cuidi" not in clean
    with Image.open(BytesIO(clean)) as image:
        assert image.size == (6, 8)
        assert not image.getexif()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd.png"),
        ("C:\\照片\\盒子.png", "盒子.png"),
        ("a\r\nSet-Cookie: x.png", "a Set-Cookie x.png"),
        ("...png", "png.png"),
        ("", "file.png"),
        ("photo\u202egnp.exe", "photo gnp.exe.png"),
        ("长" * 300, "长" * (MAX_NAME - 10) + ".png"),
    ],
)
def test_names_are_safe(name, safe):
    assert safe_name(name, FileKind.PNG) == safe


def test_texts_refer_to_attachments_by_their_address():
    shown = markdown(KEY, "盒子[1].png", FileKind.PNG)
    linked = markdown(KEY.replace("0", "f"), "手册.pdf", FileKind.PDF)
    assert shown == f"![盒子\\[1\\].png](/attachments/{KEY})"
    assert not linked.startswith("!")
    assert keys_in(f"看 {shown}", linked) == {KEY, KEY.replace("0", "f")}
    assert keys_in(f"/attachments/{KEY}0", "/attachments/x") == set()
