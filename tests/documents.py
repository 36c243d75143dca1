"""Small files of every sort people send, and of the sorts they should not."""

import zipfile
from io import BytesIO

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
JPG = b"\xff\xd8\xff\xe0" + bytes(40)
EXE = b"MZ\x90\x00" + bytes(200)
PDF = b"%PDF-1.7\n1 0 obj\n"
AMR = b"#!AMR\n" + bytes(40)
MP4 = b"\0\0\0\x18ftypmp42" + bytes(40)
HEIC = b"\0\0\0\x18ftypheic" + bytes(40)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAIN = {
    "docx": "word/document.xml",
    "xlsx": "xl/workbook.xml",
    "pptx": "ppt/presentation.xml",
    "ofd": "OFD.xml",
}


def package(kind: str = "docx", text: str = "进展顺利", **more: bytes) -> bytes:
    """An Office package; further parts by name, with / written as __ and . as _dot_."""
    parts = {"[Content_Types].xml": b"<Types/>", MAIN[kind]: f"<w:t>{text}</w:t>".encode()}
    parts |= {name.replace("__", "/").replace("_dot_", "."): data for name, data in more.items()}
    return zipped(parts)


def zipped(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def bomb() -> bytes:
    """Less than a tenth of a megabyte that unfolds to sixty."""
    return package(word__media__nothing_dot_bin=bytes(60_000_000))


def old_word(*entries: str) -> bytes:
    """The header and directory of an old Word file with these entries beside the usual ones."""
    directory = [
        name.encode("utf-16-le").ljust(64, b"\0") + bytes(64)
        for name in ("Root Entry", "WordDocument", *entries)
    ]
    return OLE.ljust(512, b"\0") + b"".join(directory)
