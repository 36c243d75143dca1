"""Which files may be kept: what offices send every day is, what can harm is refused with a sentence."""

import random
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.attachment import KINDS, check, check_name, ending, marked
from tests.documents import (
    AMR,
    EXE,
    HEIC,
    JPG,
    MAIN,
    MP4,
    OLE,
    PDF,
    PNG,
    bomb,
    old_word,
    package,
    zipped,
)


@pytest.mark.parametrize(
    ("name", "kind", "data", "stored_as"),
    [
        ("17项进展.docx", "file", package(), "docx"),
        ("台账.XLSX", "file", package("xlsx"), "xlsx"),
        ("汇报.pptx", "file", package("pptx"), "pptx"),
        ("来文.ofd", "file", package("ofd"), "ofd"),
        ("网页版.docx", "file", zipped({"word/document2.xml": b"<a/>"}), "docx"),
        ("报告.pdf", "file", PDF, "pdf"),
        ("旧.doc", "file", old_word(), "doc"),
        ("旧.wps", "file", old_word(), "wps"),
        ("说明.txt", "file", "完成65.7%".encode(), "txt"),
        ("说明.txt", "file", "完成65.7%".encode("gb18030"), "txt"),
        ("明细.csv", "file", "公里,32".encode("utf-16"), "csv"),
        ("现场.JPEG", "file", JPG, "jpg"),
        ("现场.jpg", "file", PNG, "png"),  # converted on the way, not renamed
        ("苹果.heic", "file", HEIC, "heic"),
        ("", "image", JPG, "jpg"),
        ("照片", "image", HEIC, "heic"),
        ("", "voice", AMR, "amr"),
        ("", "video", MP4, "mp4"),
        ("录像.mp4", "file", MP4, "mp4"),
    ],
)
def test_what_offices_send_is_kept(name: str, kind: str, data: bytes, stored_as: str) -> None:
    assert check(data, name, kind) == ""
    assert ending(data, name, kind) == stored_as


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.exe", EXE, "程序和脚本不收"),
        ("报告.pdf.exe", EXE, "程序和脚本不收"),
        ("进展\u202excod.exe", EXE, "程序和脚本不收"),
        ("a.exe. .", EXE, "程序和脚本不收"),
        ("a.zip", zipped({"a.txt": b"x"}), "请解压后"),
        ("a.docm", package(), "另存为不带宏的 .docx"),
        ("a.xlsm", package("xlsx"), "另存为不带宏的 .xlsx"),
        ("a.xls", OLE + bytes(600), "请另存为 .xlsx"),
        ("a.et", OLE + bytes(600), "请另存为 .xlsx"),
        ("a.ppt", OLE + bytes(600), "请另存为 .pptx"),
        ("a.dwg", b"AC1018", "不收 .dwg"),
        ("没有扩展名", PNG, "请补上扩展名"),
        ("a.docx", b"", "0 字节"),
        ("a.docx", EXE, "可执行程序"),
        ("a.pdf", EXE, "可执行程序"),
        ("a.png", EXE, "可执行程序"),
        ("a.docx", package("xlsx"), "内容却是 .xlsx"),
        ("a.docx", zipped({"a.txt": b"x"}), "请解压后"),
        ("a.docx", package()[:-30], "已损坏"),
        ("a.docx", package(word__vbaProject_dot_bin=b"x"), "带有宏"),
        ("a.xlsx", package("xlsx", xl__macrosheets__sheet1_dot_xml=b"x"), "带有宏"),
        ("a.docx", package(word__embeddings__setup_dot_exe=EXE), "夹带了程序"),
        ("a.docx", bomb(), "大得不正常"),
        ("a.docx", zipped({MAIN["docx"]: b"x"}, zipfile.ZIP_LZMA), "已损坏"),
        ("a.docx", old_word("EncryptedPackage"), "去掉密码"),
        ("a.doc", old_word("EncryptedPackage"), "去掉密码"),
        ("a.doc", old_word("Macros", "VBA"), "带有宏"),
        ("a.doc", old_word("_vba_PROJECT"), "带有宏"),
        ("a.doc", OLE + bytes(600), "另存为 .docx"),
        ("a.doc", package(), "另存为 .docx"),
        ("a.pdf", PNG, "内容却不是"),
        ("a.txt", b"MZ\0\0", "不是文本文件"),
        ("a.docx", package(text="机密</w:t><w:t>★5年"), "机密★"),
        ("a.txt", "秘密 ★ 一年".encode(), "秘密★"),
    ],
)
def test_what_may_do_harm_is_refused_with_the_way_out(name: str, data: bytes, words: str) -> None:
    assert words in check(data, name, "file")


@pytest.mark.parametrize("kind", ["image", "voice", "video"])
def test_a_picture_or_recording_that_is_none_is_refused(kind: str) -> None:
    assert "可执行程序" in check(EXE, "", kind)
    assert "不是能识别的" in check(b"?" * 50, "", kind)


@pytest.mark.parametrize(
    "name",
    [
        "机密-方案.docx",
        "（内部）通报.pdf",
        "内部资料.xlsx",
        "内部分发.pdf",
        "绝 密.txt",
        "祕密件.jpg",
        "涉密清单.xlsx",
        "<机密>.txt",
    ],
)
def test_a_name_with_a_mark_of_secrecy_is_refused_before_anything_is_fetched(name: str) -> None:
    assert marked(name)
    for kind in ("file", "image"):
        assert "不能在企业微信里发送" in check_name(name, kind)


@pytest.mark.parametrize(
    "name",
    [
        "医院内部道路改造.docx",
        "非涉密版.docx",
        "内部审计整改.xlsx",
        "秘书科报送.docx",
        "市内部分公路.docx",
        "计算机密码应用.docx",
    ],
)
def test_a_name_that_only_sounds_like_a_mark_is_not(name: str) -> None:
    assert check_name(name, "file") == ""


def test_an_office_may_take_fewer_types() -> None:
    assert check(PDF, "a.pdf", "file", ("docx",)) == "不收 .pdf 这类文件，请转成 PDF、.docx、.xlsx 或图片再发"
    assert check(PNG, "", "image", ("jpg",))


def test_a_package_of_a_hundred_thousand_parts_is_not_even_listed() -> None:
    began = time.perf_counter()
    assert "大得不正常" in check(zipped({f"{n}": b"" for n in range(12_000)}), "a.docx", "file")
    many = b"PK\x03\x04" + b"PK\x01\x02" * 4_000_000
    assert "大得不正常" in check(many, "a.docx", "file")
    assert time.perf_counter() - began < 5


def test_a_file_on_disk_is_read_and_a_missing_one_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(package())
    assert check(tmp_path / "a", "a.docx", "file") == ""
    assert check(tmp_path / "b", "a.docx", "file")


@given(
    st.sampled_from([package(), package("xlsx"), old_word("Macros"), PNG, MP4, PDF, OLE]),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=30),
    st.text(max_size=20),
    st.sampled_from([*KINDS, "exe", "zip", ""]),
    st.sampled_from(["file", "image", "voice", "video"]),
)
def test_spoiled_bytes_and_strange_names_never_raise(
    data: bytes, spoils: list[tuple[int, int]], stem: str, last: str, kind: str
) -> None:
    spoiled = bytearray(data)
    for place, value in spoils:
        spoiled[place % len(spoiled)] = value
    assert isinstance(check(bytes(spoiled), f"{stem}.{last}", kind), str)
    assert isinstance(ending(bytes(spoiled), stem, kind), str)


def test_a_package_spoiled_at_every_byte_never_raises() -> None:
    """Where hypothesis does not look: every byte of a real package turned, one at a time and in pairs."""
    chance, whole = random.Random(7), package(text="机密★5年")
    for place in range(len(whole)):
        for value in (0, 255, chance.randrange(256)):
            spoiled = bytearray(whole)
            spoiled[place] = value
            spoiled[chance.randrange(len(whole))] = chance.randrange(256)
            assert isinstance(check(bytes(spoiled), "a.docx", "file"), str)


def test_a_sea_of_opening_brackets_is_looked_through_in_no_time() -> None:
    """A pattern that looked for the closing bracket from each of them took minutes."""
    began = time.perf_counter()
    check(("★" + "<" * 2_000_000).encode(), "a.txt", "file")
    assert time.perf_counter() - began < 2
