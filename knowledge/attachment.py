"""Whether a file that somebody sent may be kept: its type, its marks of secrecy, macros, absurd sizes.

`bot/attachments.py` asks before anything is stored, `handlers/attaching.py` asks by the name alone. Answers
are sentences for the sender, empty when all is well; no bytes, however hostile, make it raise.
"""

from __future__ import annotations

import re
import struct
import unicodedata
import zipfile
from collections.abc import Collection
from io import BytesIO
from pathlib import Path

from knowledge.files import DAMAGED

PICTURES = ("jpg", "png", "gif", "bmp", "webp", "heic")
# As the endings of stored files; .doc and .wps are the only old formats whose macros show in their directory.
KINDS = (*PICTURES, "pdf", "ofd", "docx", "xlsx", "pptx", "doc", "wps", "txt", "csv", "amr", "mp4")
MAX_PARTS = 10_000
MAX_UNPACKED = 200_000_000
# Real documents shrink to a thirtieth at best; what shrinks to a hundredth was made to be unfolded.
BOMB_RATIO, BOMB_FROM = 100, 20_000_000
_MARKED_PART_LIMIT = 5_000_000  # bytes of one part that are looked through for a mark

_SAME = {"jpeg": "jpg", "jfif": "jpg", "heif": "heic"}
_MACROS = {
    **dict.fromkeys(("docm", "dotm"), "docx"),
    **dict.fromkeys(("xlsm", "xltm", "xlam", "xlsb"), "xlsx"),
    **dict.fromkeys(("pptm", "potm", "ppsm", "ppam"), "pptx"),
}
_OLD = {
    **dict.fromkeys(("doc", "wps", "dot", "wpt", "rtf"), "docx"),
    **dict.fromkeys(("xls", "et", "xlt", "ett"), "xlsx"),
    **dict.fromkeys(("ppt", "dps", "pps", "dpt"), "pptx"),
}
_ARCHIVES = frozenset(("zip", "rar", "7z", "tar", "gz", "tgz", "bz2", "xz", "cab", "iso", "zst", "lzh"))
_PROGRAMS = frozenset((
    "exe", "dll", "com", "scr", "msi", "bat", "cmd", "ps1", "vbs", "vbe", "js", "jse", "wsf", "hta", "jar",
    "apk", "sh", "lnk", "reg", "cpl", "pif", "chm", "py", "elf",
))  # fmt: skip
_EXPECTED = {
    **dict.fromkeys(("ofd", "docx", "xlsx", "pptx"), "zip"),
    **dict.fromkeys(("doc", "wps"), "ole"),
    **{ending: ending for ending in ("pdf", "amr", "mp4")},
}
_OF_KIND = {"image": PICTURES, "voice": ("amr",), "video": ("mp4",)}
_MAIN_PART = {
    "docx": re.compile(r"word/document\d*\.xml"),  # the web edition of Word writes document2.xml
    "xlsx": re.compile(r"xl/workbook\d*\.xml"),
    "pptx": re.compile(r"ppt/presentation\d*\.xml"),
    "ofd": re.compile(r"ofd\.xml"),
}
_TEXT_PART = re.compile(r"(word/(document|header|footer)\d*|xl/sharedstrings|ppt/slides/slide\d+)\.xml")

_SIGNS = (
    (b"\xff\xd8\xff", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"#!AMR", "amr"),
    (b"PK\x03\x04", "zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
    (b"Rar!\x1a\x07", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"\x1f\x8b", "archive"),
)
_HEIC_BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"))
_BROKEN = (*DAMAGED, OverflowError, struct.error, MemoryError)
_CENTRAL = b"PK\x01\x02"  # stands before each entry of a package's directory
_PLAIN_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# A name in the directory of an old Office file stands at a multiple of 128; case does not count there.
_MACRO_ENTRY = re.compile(rb"(?i)(?:_\0v\0b\0a\0_\0p\0r\0o\0j\0e\0c\0t\0|m\0a\0c\0r\0o\0s\0|v\0b\0a\0)")
_LOCKED_ENTRY = "EncryptedPackage".encode("utf-16-le")
_WORD_ENTRY = "WordDocument".encode("utf-16-le")

# In a name every such word counts, but not works on the inside of a building, nor “市内部分”, “计算机密码”.
_HARMLESS = (
    "分(?!发)|门|署|队|属|道路|装修|装饰|结构|管网|管线|空间|环境|设施|设备|改造|施工|布局|照明|绿化|通道|"
    "控制|审计|治理"
)
_MARK = re.compile(
    rf"绝密|絕密|[机機]密(?![码碼封度集钥])|秘密|祕密|(?<![非无不])涉密|[内內]部(?!{_HARMLESS})"
)
_STAMP = re.compile(r"(绝密|机密|秘密)★")  # GB/T 9704: the mark on the first page
_GAPS = re.compile(r"<[^<>]*>|\s+")

_EMPTY = "文件是空的（0 字节），请检查后重发"
_DAMAGED_FILE = "文件已损坏，请用 Office 或 WPS 打开，另存一份再发"
_BOMB = "文件展开后大得不正常，没有打开，请另存一份再发"
_PROGRAM = "内容其实是可执行程序，改过扩展名，不收"
_ARCHIVE = "压缩包不收，请解压后把里面的文件逐个发来"
_LOCKED = "文件加了密码，打不开，请去掉密码再发"


def check(data: bytes | Path, name: str, kind: str, allowed: Collection[str] = KINDS) -> str:
    """Why the file is refused, in a sentence for the sender; empty when it may be kept.

    `kind` is the message's: image, file, voice or video. `allowed` are endings of `KINDS`.
    """
    if reason := check_name(name, kind, allowed):
        return reason
    try:
        content = data if isinstance(data, bytes) else data.read_bytes()
    except OSError:
        return _DAMAGED_FILE
    if not content:
        return _EMPTY
    found = ending(content, name, kind)
    if found not in allowed:
        return _unexpected(sniff(content), kind)
    return _check_content(content, found)


def check_name(name: str, kind: str, allowed: Collection[str] = KINDS) -> str:
    """What the name alone forbids: a mark of secrecy, and for files a type that is not kept."""
    if mark := marked(name):
        return (
            f"文件名标有“{mark}”。涉密和内部材料不能在企业微信里发送，助手没有留存；"
            "请撤回这条消息，按保密规定另行报送。确实可以公开的，请改名后重发"
        )
    if kind in _OF_KIND:
        return ""
    given = ending_of(name)
    return "" if given in allowed else _not_kept(given)


def marked(name: str) -> str:
    """The mark of secrecy in a file's name, as written; empty when there is none."""
    found = _MARK.search("".join(_visible(unicodedata.normalize("NFKC", name)).split()))
    return found[0] if found else ""


def ending(data: bytes, name: str, kind: str) -> str:
    """The ending a stored file gets: read off the bytes for pictures and recordings, off the name for files.

    Phones and WeCom convert pictures without renaming them, so a picture's name is never held against it.
    """
    found, given = sniff(data), ending_of(name)
    if kind in _OF_KIND:
        return found if found in _OF_KIND[kind] else ""
    return found if given in PICTURES and found in PICTURES else given


def ending_of(name: str) -> str:
    """The ending of a name in its usual spelling, without the dot."""
    _, dot, last = _visible(name).strip(" .").rpartition(".")
    last = last.strip().lower()
    return _SAME.get(last, last) if dot else ""


def sniff(data: bytes) -> str:
    """What the first bytes say: an ending of `KINDS`, or zip, ole, program, archive; empty for no idea."""
    for sign, what in _SIGNS:
        if data.startswith(sign):
            return what
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[4:8] == b"ftyp":
        return "heic" if data[8:12] in _HEIC_BRANDS else "mp4"
    if data[:2] == b"BM" and data[6:10] == b"\0\0\0\0":
        return "bmp"
    return "pdf" if b"%PDF-" in data[:1024] else ""


# -- by the name


def _not_kept(given: str) -> str:
    if given in _MACROS:
        return f"带宏的文件不收，请另存为不带宏的 .{_MACROS[given]} 再发"
    if given in _OLD:
        return f"旧格式 .{given} 里有没有宏无法判断，不收，请另存为 .{_OLD[given]} 再发"
    if given in _ARCHIVES:
        return _ARCHIVE
    if given in _PROGRAMS:
        return "程序和脚本不收"
    if not given:
        return "文件名没有扩展名，认不出类型，请补上扩展名再发"
    return f"不收 .{given[:10]} 这类文件，请转成 PDF、.docx、.xlsx 或图片再发"


def _visible(text: str) -> str:
    """Without control and direction characters, which make “exe.docx” out of a program's name."""
    return "".join(char for char in text if unicodedata.category(char)[0] != "C")


# -- by the bytes


def _unexpected(found: str, kind: str) -> str:
    """For pictures and recordings that are none."""
    if found == "program":
        return _PROGRAM
    what = {"image": "图片", "voice": "语音", "video": "视频"}.get(kind, "文件")
    return f"内容不是能识别的{what}，请重新发送，或转成常见格式再发"


def _check_content(data: bytes, given: str) -> str:
    found = sniff(data)
    if given in ("txt", "csv"):
        return _check_text(data)
    if given in PICTURES:
        return "" if found in PICTURES else _mismatch(found, given)
    if found != _EXPECTED[given]:
        return _mismatch(found, given)
    if found == "zip":
        return _check_package(data, given)
    return _check_old(data) if found == "ole" else ""


def _mismatch(found: str, given: str) -> str:
    if found == "program":
        return _PROGRAM
    if found == "ole":  # a locked .docx is wrapped in the old format
        return f"内容是旧版 Office 或加了密码的文件，请去掉密码，另存为 .{given} 再发"
    saved = f"另存为 .{_OLD[given]} " if given in _OLD else "另存一份"
    return f"文件名写的是 .{given}，内容却不是，请用原来的软件{saved}再发"


def _check_text(data: bytes) -> str:
    text = _decoded(data)
    if text is None:
        return "不是文本文件（含有二进制内容），请另存为 UTF-8 文本再发"
    return _check_stamp(text)


def _decoded(data: bytes) -> str | None:
    two_bytes = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\0" in data and not two_bytes:
        return None
    for encoding in ("utf-16",) if two_bytes else ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _check_stamp(text: str) -> str:
    found = _STAMP.search(_GAPS.sub("", text)) if "★" in text else None
    return (
        f"文件里标有“{found[0]}”。涉密材料不能在企业微信里发送，助手没有留存；请撤回这条消息，按保密规定另行报送"
        if found
        else ""
    )


def _check_old(data: bytes) -> str:
    """An old Word file. Its directory says whether it has macros; those of Excel and PowerPoint do not."""
    if _LOCKED_ENTRY in data:
        return _LOCKED
    if any(found.start() % 128 == 0 for found in _MACRO_ENTRY.finditer(data)):
        return "文件带有宏，请另存为不带宏的 .docx 再发"
    return "" if _WORD_ENTRY in data else "打不开这个旧格式的文件，请另存为 .docx 再发"


def _check_package(data: bytes, given: str) -> str:
    """A zipped document; the entries are counted before the directory is read into memory."""
    if data.count(_CENTRAL) > MAX_PARTS:
        return _BOMB
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            return _check_parts(package, given, len(data))
    except _BROKEN:
        return _DAMAGED_FILE


def _check_parts(package: zipfile.ZipFile, given: str, packed: int) -> str:
    parts = {part.filename.replace("\\", "/").lower(): part for part in package.infolist()}
    unpacked = sum(part.file_size for part in package.infolist())
    if unpacked > MAX_UNPACKED or (unpacked > BOMB_FROM and unpacked > BOMB_RATIO * packed):
        return _BOMB
    if any(part.flag_bits & 1 for part in parts.values()):
        return _LOCKED
    if any(part.compress_type not in _PLAIN_METHODS for part in parts.values()):
        return _DAMAGED_FILE
    if _has_macros(package, parts):
        return f"文件带有宏，请另存为不带宏的 .{given} 再发"
    if any(ending_of(name) in _PROGRAMS for name in parts):
        return "文件里夹带了程序，不收，请去掉后再发"
    if not any(_MAIN_PART[given].fullmatch(name) for name in parts):
        return _other_package(parts, given)
    return _check_stamps(package, parts)


def _has_macros(package: zipfile.ZipFile, parts: dict[str, zipfile.ZipInfo]) -> bool:
    if any(name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/") for name in parts):
        return True
    types = parts.get("[content_types].xml")
    return types is not None and b"macroenabled" in _read(package, types).lower()


def _other_package(parts: dict[str, zipfile.ZipInfo], given: str) -> str:
    """A package without the part that makes it what its name says."""
    for other, main in _MAIN_PART.items():
        if any(main.fullmatch(name) for name in parts):
            return f"文件名写的是 .{given}，内容却是 .{other}，请改正扩展名再发"
    return f"内容是压缩包，不是 .{given} 文件。{_ARCHIVE}"


def _check_stamps(package: zipfile.ZipFile, parts: dict[str, zipfile.ZipInfo]) -> str:
    for name, part in parts.items():
        if _TEXT_PART.fullmatch(name):
            reason = _check_stamp(_read(package, part).decode("utf-8", "ignore"))
            if reason:
                return reason
    return ""


def _read(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    with package.open(part) as opened:
        return opened.read(_MARKED_PART_LIMIT)
