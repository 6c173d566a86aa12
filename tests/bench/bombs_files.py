"""Bombs of documents, databases, mail, images and compiled code, of at most `size` bytes each."""

from __future__ import annotations

import base64
import email.message
import email.policy
import io
import marshal
import pickle
import plistlib
import sqlite3
import struct
import tempfile
import zlib
from pathlib import Path

from bombs_made import LINES, repeated

import containers


def _pdf(objects: list[bytes], root: int = 1) -> bytes:
    """A document of these objects, counted from 1."""
    data, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF"
    return data + head % (len(objects) + 1, table, len(objects) + 1, root, len(data))


def _stream(data: bytes, more: bytes = b"") -> bytes:
    packed = zlib.compress(data, 9)
    return b"<</Length %d/Filter/FlateDecode%s>>stream\n%s\nendstream" % (len(packed), more, packed)


def _page(contents: bytes, count: int = 1) -> list[bytes]:
    kids = b" ".join([b"3 0 R"] * count)
    return [
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count %d/Kids[%s]>>" % (count, kids),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents %s/Resources<</Font<</F 4 0 R>>>>>>" % contents,
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]  # fmt: skip


def pdf_deflated(size: int) -> bytes:
    """A page whose contents are a bomb of deflate."""
    return _pdf([*_page(b"5 0 R"), _stream(repeated(size * 200, b"BT /F 9 Tf (ab) Tj ET\n"))])


def pdf_twice(size: int) -> bytes:
    """Deflated twice."""
    inner = zlib.compress(bytes(size * 100), 9)
    packed = zlib.compress(inner, 9)
    body = b"<</Length %d/Filter[/FlateDecode/FlateDecode]>>stream\n%s\nendstream" % (len(packed), packed)
    return _pdf([*_page(b"5 0 R"), body])


def pdf_same_page(size: int) -> bytes:
    """One page, very often."""
    return _pdf([*_page(b"5 0 R", min(20_000, size // 10)), _stream(b"BT /F 9 Tf (a b) Tj ET\n" * 2000)])


def pdf_same_contents(size: int) -> bytes:
    """A page whose contents name one stream very often."""
    return _pdf([*_page(b"[%s]" % (b"5 0 R " * (size // 8))), _stream(b"BT /F 9 Tf (a b) Tj ET\n" * 200)])


def pdf_pages_in_pages(size: int) -> bytes:
    """A tree of pages that holds itself."""
    del size
    return _pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 9/Kids[2 0 R 2 0 R]>>"])


def pdf_tree(size: int) -> bytes:
    """A tree of pages in which each node stands twice: 2 to the 30th pages."""
    del size
    nodes = [b"<</Type/Pages/Count 9/Kids[%d 0 R %d 0 R]>>" % (n + 1, n + 1) for n in range(2, 32)]
    return _pdf([b"<</Type/Catalog/Pages 2 0 R>>", *nodes, b"<</Type/Page/MediaBox[0 0 9 9]>>"])


def pdf_references(size: int) -> bytes:
    """Objects that are each the next one, and the last the first."""
    count = min(100_000, size // 60)
    chain = [b"%d 0 R" % (n + 1) for n in range(5, 5 + count)]
    return _pdf([*_page(b"5 0 R"), *chain, b"5 0 R"])


def pdf_deep(size: int) -> bytes:
    """Lists in lists."""
    return _pdf([*_page(b"5 0 R"), b"[" * (size // 2) + b"]" * (size // 2)])


def pdf_object_streams(size: int) -> bytes:
    """Very many small objects in a stream, each looked up."""
    count = min(200_000, size // 20)
    heads = b" ".join(b"%d %d" % (n + 10, 3 * n) for n in range(count))
    body = heads + b" " + b"[] " * count
    first = len(heads) + 1
    objects = [*_page(b"[%s]" % b" ".join(b"%d 0 R" % (n + 10) for n in range(0, count, 20)))]
    objects.append(_stream(body, b"/Type/ObjStm/N %d/First %d" % (count, first)))
    return _pdf(objects)


def pdf_broken(size: int) -> bytes:
    """No table of objects, so they are looked for."""
    return b"%PDF-1.7\n" + repeated(size - 200, b"7 0 obj\n<<>>\nendobj\n") + b"trailer\n<</Root 1 0 R>>\n%%EOF"


def pdf_tables(size: int) -> bytes:
    """Tables of objects that name one another without end."""
    del size
    data = b"%PDF-1.7\n"
    start = len(data)
    return data + b"xref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 1/Root 1 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF" % (
        start, start,
    )  # fmt: skip


def pdf_attachments(size: int) -> bytes:
    """One attached file under very many names."""
    names = b"".join(b"(%d)6 0 R" % n for n in range(min(20_000, size // 20)))
    catalog = b"<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles<</Names[%s]>>>>>>" % names
    objects = _page(b"5 0 R")
    attached = _stream(repeated(1_000_000), b"/Type/EmbeddedFile")
    return _pdf([catalog, *objects[1:], _stream(b""), b"<</Type/Filespec/F(a)/EF<</F 7 0 R>>>>", attached])


def pdf_fonts(size: int) -> bytes:
    """A font whose table of characters is a bomb."""
    lines = b"".join(b"<%04x><%04x><%04x>\n" % (0, 0xFFFF, n % 60_000) for n in range(min(2_000, size // 10)))
    table = b"begincmap\n1 begincodespacerange\n<0000><FFFF>\nendcodespacerange\n2000 beginbfrange\n"
    objects = _page(b"5 0 R")
    objects[3] = b"<</Type/Font/Subtype/Type0/BaseFont/A/Encoding/Identity-H/ToUnicode 6 0 R/DescendantFonts[]>>"
    return _pdf([*objects, _stream(b"BT /F 9 Tf (ab) Tj ET\n"), _stream(table + lines + b"endbfrange\nendcmap")])


def _database(script: list[str], size: int = 1 << 30) -> bytes:
    connection = sqlite3.connect(":memory:")
    for statement in script:
        connection.execute(statement)
    connection.commit()
    return connection.serialize()[:size]


def sqlite_views(size: int) -> bytes:
    """A view of a view of a view, and a recursive one: none of them may be asked."""
    del size
    views = [f"CREATE VIEW v{n} AS SELECT a.x FROM v{n - 1} a, v{n - 1} b" for n in range(1, 30)]
    endless = "CREATE VIEW e AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT x FROM c"
    return _database(["CREATE TABLE v0 (x)", "INSERT INTO v0 VALUES (1), (2)", *views, endless])


def sqlite_generated(size: int) -> bytes:
    """A column that is worked out, a megabyte for each row."""
    rows = min(200_000, size // 20)
    fill = (
        f"WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x<{rows}) INSERT INTO t(a) SELECT x FROM c"
    )
    return _database(["CREATE TABLE t (a, b AS (hex(zeroblob(500000))))", fill])


def sqlite_functions(size: int) -> bytes:
    """Columns that are worked out, many and dear."""
    rows = min(200_000, size // 20)
    fill = (
        f"WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x<{rows}) INSERT INTO t(a) SELECT x FROM c"
    )
    like = "like('%a%a%a%a%a%a%a%a%b', hex(zeroblob(20000)))"
    return _database([f"CREATE TABLE t (a, b AS ({like}))", fill])


def sqlite_tables(size: int) -> bytes:
    """Very many tables."""
    return _database(
        ["PRAGMA page_size=512", *[f"CREATE TABLE t{n} (a)" for n in range(min(15_000, size // 700))]], size
    )


def sqlite_columns(size: int) -> bytes:
    """Two thousand columns, mostly empty; a byte of each in a row is enough."""
    columns = ", ".join(f"password_{n}" for n in range(1999))
    rows = min(4_000, size // 2400)
    fill = f"WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c WHERE x<{rows}) INSERT INTO t SELECT {', '.join(['1'] * 1999)} FROM c"
    return _database([f"CREATE TABLE t ({columns})", fill])


def sqlite_same_root(size: int) -> bytes:
    """Tables that all share the pages of one."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "a"
        connection = sqlite3.connect(place)
        connection.execute("CREATE TABLE t (a)")
        connection.executemany("INSERT INTO t VALUES (?)", [(LINES.decode(),)] * (size * 8 // 10 // len(LINES)))
        connection.commit()
        [(root,)] = connection.execute("SELECT rootpage FROM sqlite_master").fetchall()
        connection.execute("PRAGMA writable_schema=ON")
        for number in range(min(5_000, size // 1000)):
            connection.execute(
                "INSERT INTO sqlite_master VALUES ('table', ?, ?, ?, ?)",
                (f"t{number}", f"t{number}", root, f"CREATE TABLE t{number} (a)"),
            )
        connection.commit()
        connection.close()
        return place.read_bytes()


def mail_nested(size: int) -> bytes:
    """A message in a message, a thousand deep."""
    head = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\nMIME-Version: 1.0\n\n--b%d\n" % (n, n) for n in range(1000)
    )
    text = b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(repeated(size // 2))
    return b"MIME-Version: 1.0\n" + head + text


def mail_messages(size: int) -> bytes:
    """Messages in messages, each behind a header alone."""
    return b"MIME-Version: 1.0\n" + repeated(size, b"Content-Type: message/rfc822\n\n")


def mail_parts(size: int) -> bytes:
    """Very many empty parts."""
    head = b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
    return head + repeated(size, b"--b\nContent-Transfer-Encoding: base64\n\nYQ==\n")


def mail_headers(size: int) -> bytes:
    """Headers with encoded words."""
    return b"MIME-Version: 1.0\n" + repeated(size, b"Subject: =?utf-8?q?a=41?=\n =?utf-8?b?YWE=?=\n") + b"\n\n"


def mail_one_header(size: int) -> bytes:
    """One header of very many encoded words."""
    return b"MIME-Version: 1.0\nSubject: " + repeated(size, b"=?utf-8?q?a=41?=\n ") + b"\n\n"


def mail_parameters(size: int) -> bytes:
    """A header of very many parameters."""
    return b"MIME-Version: 1.0\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment" + b"".join(
        b'; filename*%d*="a%%41"' % n for n in range(size // 24)
    ) + b"\n\nYQ==\n"  # fmt: skip


def mail_uuencoded(size: int) -> bytes:
    """A part in an old encoding."""
    return b"MIME-Version: 1.0\nContent-Transfer-Encoding: uuencode\n\nbegin 644 a\n" + repeated(size, b"#86%A\n")


def mbox_messages(size: int) -> bytes:
    """Very many messages."""
    one = b"From a Thu Jan  1 00:00:00 1970\nSubject: =?utf-8?q?a=41?=\n\n\n"
    return repeated(size, one)


def plist_shared(size: int) -> bytes:
    """A long list that stands in itself, and in all others."""
    count = min(200_000, size // 8)
    objects = [b"\xaf\x12" + struct.pack(">L", count) + b"\0\0\0" * count, b"\x51a"]
    places, body = [], b"bplist00"
    for each in objects:
        places.append(len(body))
        body += each
    table = b"".join(struct.pack(">L", place) for place in places)
    return body + table + bytes(6) + bytes((4, 3)) + struct.pack(">QQQ", len(objects), 0, len(body))


def plist_long_names(size: int) -> bytes:
    """Dictionaries in dictionaries, under long names that are shared."""
    top: object = "value"
    for _ in range(95):
        top = {"n" * 90: top, "o" * 90: "x"}
    return plistlib.dumps([dict(top) for _ in range(max(1, size // 20_000))], fmt=plistlib.FMT_BINARY)  # type: ignore[call-overload]


def plist_values(size: int) -> bytes:
    """As many values as fit."""
    return plistlib.dumps([1, 2] * (size // 8), fmt=plistlib.FMT_BINARY)


def plist_xml(size: int) -> bytes:
    """Text, which is not opened: lists in lists."""
    return b'<?xml version="1.0"?><plist>' + b"<array>" * (size // 8)


def xml_entities(size: int) -> bytes:
    """A billion laughs in an office document."""
    levels = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    body = f'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a0 "ha">{levels}]><w:document>{"&a9;" * (size // 100)}</w:document>'
    return containers.zipped_files({"[Content_Types].xml": b"<Types/>", "word/document.xml": body.encode()})


def office_tags(size: int) -> bytes:
    """Markup that compresses very well, and never closes a tag."""
    return containers.zipped_files({
        "[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w:p>" * (size * 5), "word/b.xml": b"<" * (size * 5),
        "word/c.xml": b"</w:p " * (size * 3), "word/d.xml": b"<w:tab " * (size * 2), "word/e.xml": b"&amp;lt;" * size,
    })  # fmt: skip


def png_chunks(size: int) -> bytes:
    """Compressed texts, each a bomb."""
    body = b"a\0\0" + zlib.compress(bytes(1 << 20), 9)
    chunk = struct.pack(">L", len(body)) + b"zTXt" + body + b"\0" * 4
    return b"\x89PNG\r\n\x1a\n" + repeated(size, chunk)


def png_chunks_of_lines(size: int) -> bytes:
    """Likewise, dear to scan."""
    body = b"a\0\0" + zlib.compress(repeated(1 << 20), 9)
    chunk = struct.pack(">L", len(body)) + b"zTXt" + body + b"\0" * 4
    return b"\x89PNG\r\n\x1a\n" + repeated(size, chunk)


def png_empty(size: int) -> bytes:
    """Empty chunks."""
    return b"\x89PNG\r\n\x1a\n" + repeated(size, struct.pack(">L", 0) + b"zTXt" + b"\0" * 4)


def pickle_memo(size: int) -> bytes:
    """A string that is fetched again and again."""
    return (
        b"\x80\x04\x95"
        + bytes(8)
        + b"}(\x8c\x03key\x94\x8c\xc8"
        + b"v" * 200
        + b"\x94"
        + b"h\0h\1" * (size // 4)
        + b"u."
    )


def pickle_names(size: int) -> bytes:
    """Long strings before values: each may be a name."""
    return pickle.dumps({f"{n}" + "n" * 90: "v" for n in range(size // 110)}, 4)


def bytecode(size: int) -> bytes:
    """Compiled Python of constants."""
    return containers.bytecode("a", "b")[:16] + marshal.dumps(tuple(f"a{n}" for n in range(size // 8)), 2)


def bytecode_lengths(size: int) -> bytes:
    """Every byte is a string that reaches far, and is none."""
    return containers.bytecode("a", "b")[:16] + repeated(size, b"s\xff\xff\x7f\0")


def bytecode_short(size: int) -> bytes:
    """Likewise, of 255 bytes each."""
    return containers.bytecode("a", "b")[:16] + repeated(size, b"z\xffz\xffz\xff\0")


def notebook(size: int) -> bytes:
    """One output of very many short lines."""
    return (
        b'{"cells": [{"cell_type": "code", "outputs": [{"text": ['
        + repeated(size, b'"password = \\"q7\\"\\n", ')
        + b'""]}]}]}'
    )


def source_map(size: int) -> bytes:
    """The sources in a map, on one line."""
    return b'{"version":3,"sourcesContent":["' + repeated(size, b"var password = 'q7Zx1LmP2v';\\n") + b'"]}'


def message_deep(size: int) -> bytes:
    """Attached messages in attached messages, each in base64."""
    message = email.message.EmailMessage()
    message.set_content("a")
    while True:
        outer = email.message.EmailMessage()
        outer["Subject"] = "a"
        outer.add_attachment(message.as_bytes(), maintype="application", subtype="octet-stream", filename="a.eml")
        if len(outer.as_bytes()) > min(size, 4_000_000):
            buffer = io.BytesIO(outer.as_bytes())
            return buffer.getvalue()[:size]
        message = outer


BOMBS = {
    function.__name__.replace("_", " "): function
    for function in (
        pdf_deflated, pdf_twice, pdf_same_page, pdf_same_contents, pdf_pages_in_pages, pdf_tree, pdf_references,
        pdf_deep, pdf_object_streams, pdf_broken, pdf_tables, pdf_attachments, pdf_fonts, sqlite_views,
        sqlite_generated, sqlite_functions, sqlite_tables, sqlite_columns, sqlite_same_root, mail_nested,
        mail_messages, mail_parts, mail_headers, mail_one_header, mail_parameters, mail_uuencoded, mbox_messages,
        plist_shared, plist_long_names, plist_values, plist_xml, xml_entities, office_tags, png_chunks,
        png_chunks_of_lines, png_empty, pickle_memo, pickle_names, bytecode, bytecode_lengths, bytecode_short,
        notebook, source_map, message_deep,
    )
}  # fmt: skip
