#!/usr/bin/env python3
"""Makes small workbooks (XLSX) with nothing but zipfile; as a program it writes those of tests/golden/workbooks,
and the same as seeds of fuzz_workbook.

  tests/scenario/support/workbooks.py --write
"""

import io
import sys
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

TESTS = Path(__file__).resolve().parents[2]
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def cell_name(column, row):
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row}"


def cell(name, value, shared):
    """None: no cell; int, bool; str: an inline text, or a shared one; (type, text): as it stands."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return f'<c r="{name}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, tuple):
        kind, text = value
        return f'<c r="{name}" t="{kind}"><v>{escape(text)}</v></c>'
    if isinstance(value, int):
        return f'<c r="{name}"><v>{value}</v></c>'
    if shared is None:
        return f'<c r="{name}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    if value not in shared:
        shared.append(value)
    return f'<c r="{name}" t="s"><v>{shared.index(value)}</v></c>'


def sheet_xml(rows, shared):
    lines = []
    for number, row in enumerate(rows, 1):
        cells = "".join(cell(cell_name(column, number), value, shared) for column, value in enumerate(row))
        if cells:
            lines.append(f'<row r="{number}">{cells}</row>')
    return f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'


def archive(parts):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in parts.items():
            packed.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def workbook(rows, is_shared=True, sheet=None, texts=None, other=""):
    """The bytes of a workbook whose first sheet has the rows. `sheet`, `texts`: these parts as they stand."""
    shared = [] if is_shared else None
    body = sheet_xml(rows, shared) if sheet is None else sheet
    relations = (f'<Relationship Id="rId7" Type="{RELATIONS}/worksheet" Target="worksheets/first.xml"/>'
                 f'<Relationship Id="rId1" Type="{RELATIONS}/worksheet" Target="/xl/worksheets/second.xml"/>')
    if is_shared:
        relations += f'<Relationship Id="rId3" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/>'
    parts = {
        "xl/workbook.xml": f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}">{other}<sheets>'
                           '<sheet name="Devices" sheetId="7" r:id="rId7"/>'
                           '<sheet name="Other" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}">{relations}</Relationships>',
        "xl/worksheets/second.xml": sheet_xml([["other"]], None),
        "xl/worksheets/first.xml": body,
    }
    if is_shared:
        entries = "".join(f"<si><t>{escape(text)}</t></si>" for text in shared)
        parts["xl/sharedStrings.xml"] = texts or f'{HEAD}<sst xmlns="{MAIN}">{entries}</sst>'
    return archive(parts)


def golden():
    names = ["device_id", "node_id", "secret", "secure_access"]
    rich = (f'{HEAD}<x:sst xmlns:x="{MAIN}"><x:si><x:t>device_id</x:t></x:si><x:si><x:r><x:t>pu</x:t></x:r>'
            "<x:r><x:t>mp</x:t></x:r><x:rPh><x:t>spoken</x:t></x:rPh></x:si></x:sst>")
    prefixed = (f'{HEAD}<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row><x:c t="s"><x:v>0</x:v></x:c></x:row>'
                '<x:row><x:c t="s"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>')
    return {
        "shared": workbook([names, ["a", "n", 12345678, True], [], ["b", None, "s & <t>", False], ["a"]]),
        "inline": workbook([names, ["a", "n"]], is_shared=False),
        "rich": workbook([], sheet=prefixed, texts=rich),
        "formula": workbook([["device_id"], [("str", "pump-7")]]),
        "error": workbook([["device_id", "node_id"], ["a", ("e", "#REF!")]]),
        "number": workbook([["device_id"], [("n", "1.5E+20")]]),
        "no_such_text": workbook([["device_id"], [("s", "99")]]),
        "no_column": workbook([["device_id"], ["a", None, "c"]]),
        "empty": workbook([]),
        "only_names": workbook([["device_id"]]),
        "far_column": workbook([["device_id"], [None] * 64 + ["x"]]),
        "document_type": workbook([], sheet='<!DOCTYPE a [<!ENTITY b "c">]><worksheet>&b;</worksheet>'),
        "not_xml": workbook([], sheet="<worksheet><sheetData></worksheet>"),
        "no_sheet": archive({"xl/workbook.xml": "<workbook/>", "a.txt": "a"}),
        # 17 MiB of spaces, and 40 MiB of texts that stand once.
        "bomb": workbook([], sheet="<worksheet>" + " " * (17 << 20) + "</worksheet>"),
        "long_texts": workbook([["device_id"]] + [["x" * 32_000]] * 1_300),
    }


def main():
    if sys.argv[1:] != ["--write"]:
        raise SystemExit(__doc__)
    for folder in (TESTS / "golden" / "workbooks", TESTS / "fuzz" / "corpus" / "fuzz_workbook"):
        folder.mkdir(parents=True, exist_ok=True)
        for name, file in golden().items():
            (folder / f"{name}.xlsx").write_bytes(file)


if __name__ == "__main__":
    main()
