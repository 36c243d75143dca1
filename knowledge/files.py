"""Office files read safely into numbered lines: .txt in the encodings offices use, and .docx.

Called by the import commands before anything is parsed. A file that is not what its name says, is
damaged, carries macros or unfolds to an absurd size is refused with a sentence, never with a traceback.
"""

from __future__ import annotations

import zipfile
import zlib
from io import BytesIO
from pathlib import Path

from knowledge.notice import NoticeError, Problem

MAX_BYTES = 10_000_000
MAX_UNPACKED = 20_000_000  # a 0.3 MB workbook can hold 300 MB: measured, not imagined
_ENCODINGS = ("utf-8-sig", "gb18030")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# What the zip, XML and Office libraries raise for broken, locked or malicious packages; none of them says
# “damaged” with one class, and a damaged file must never become a traceback.
DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError),
    *(SyntaxError, KeyError, ValueError, TypeError, AttributeError, IndexError),
)


class FileError(NoticeError):
    """The file itself cannot be read; its one problem says why and what to do."""

    def __init__(self, what: str, line: int = 0) -> None:
        super().__init__([Problem(line, what)])


def read_lines(path: Path) -> list[str]:
    """The lines of a notice; for a .docx, its paragraphs in order with automatic numbers written out."""
    data = read_bytes(path)
    kind = path.suffix.lower()
    if kind == ".docx":
        from knowledge.word import paragraphs  # python-docx is slow to import, and only needed here

        check_package(data, "docx", "word/document.xml")
        return paragraphs(data)
    if kind in (".txt", ""):
        return _text(data).split("\n")
    raise FileError(f"不认识“{path.suffix}”文件，通知请用 .txt 或 .docx{_hint(kind)}")


def read_bytes(path: Path) -> bytes:
    """The bytes of a file of decent size."""
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise FileError(f"“{path.name or path}”是文件夹或设备，不是文件；请写明文件名")
        if size > MAX_BYTES:
            raise FileError(
                f"文件有{size // 1_000_000}兆，超过{MAX_BYTES // 1_000_000}兆，请看看是不是选错了文件"
            )
        data = path.read_bytes()
    except OSError as error:
        raise FileError(f"打不开“{path.name}”：{_reason(error)}") from error
    if not data:
        raise FileError("文件是空的（0 字节）")
    return data


def check_package(data: bytes, kind: str, main_part: str, most: int = MAX_UNPACKED) -> None:
    """Refuse anything but an ordinary, unencrypted Office package of this kind and of bearable size."""
    if not data:
        raise FileError("文件是空的（0 字节）")
    if data.startswith(_OLD_OFFICE):
        raise FileError(f"这是旧版 Office 文件或加了密码的文件，请去掉密码并另存为 .{kind} 后再导入")
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            names = package.namelist()
            unpacked = sum(info.file_size for info in package.infolist())
    except DAMAGED as error:
        raise FileError(f"文件已损坏，或者不是 .{kind} 文件，请用 Office 或 WPS 另存一份再导入") from error
    if unpacked > most:
        raise FileError(f"文件展开后有{unpacked // 1_000_000}兆，超过{most // 1_000_000}兆，已拒绝打开")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise FileError(f"文件带有宏，请另存为不带宏的 .{kind} 后再导入")
    if main_part not in names:
        raise FileError(f"这不是 .{kind} 文件（里面没有 {main_part}）")


def _hint(kind: str) -> str:
    if kind in (".doc", ".wps"):
        return "；请先用 Office 或 WPS 另存为 .docx"
    if kind == ".docm":
        return "；请另存为不带宏的 .docx"
    if kind == ".pdf":
        return "；请打开 PDF 后复制文字，存成 .txt"
    return ""


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "没有这个文件"
    return "没有读取权限" if isinstance(error, PermissionError) else (error.strerror or "读取失败")


def _text(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decoded(data, ("utf-16",))
    if b"\x00" in data:
        raise FileError("这不是文本文件（含有二进制内容）", 1 + data[: data.index(b"\x00")].count(b"\n"))
    return _decoded(data, _ENCODINGS)


def _decoded(data: bytes, encodings: tuple[str, ...]) -> str:
    """The text, with every line it cannot read named: half a text is not imported."""
    for encoding in encodings:
        try:
            return data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
        except UnicodeDecodeError:
            continue
    raise NoticeError(
        [
            Problem(number, "这一行的文字无法识别，文件编码应为 UTF-8 或 GB18030")
            for number, line in enumerate(data.split(b"\n"), start=1)
            if not _readable(line, encodings)
        ]
        or [Problem(0, "文件编码无法识别，请另存为 UTF-8 后再导入")]
    )


def _readable(line: bytes, encodings: tuple[str, ...]) -> bool:
    for encoding in encodings:
        try:
            line.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False
