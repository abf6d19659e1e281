"""Makes Tests/Goldens/tars: archives as Python's tarfile writes them, and what it finds in them.

    python scripts/goldens/tars.py              # from the root of the repository

    ustar.tar, pax.tar, gnu.tar    images with texts beside them, folders, links and a pipe; long names and names that are
                                   not ASCII, as far as the format has them
    packed.tar.gz                  the first of them, packed
    members.json                   by archive, of every member: name, type, and where its bytes begin and how many they are

Made with Python 3.11.7, which has all that is needed.
"""

import gzip
import io
import json
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2] / "Tests" / "Goldens"
IMAGES = [(ROOT / "images/originals" / f"turned-{n}.png").read_bytes() for n in range(1, 9)]
FILE = tarfile.REGTYPE
FORMATS = {"ustar": tarfile.USTAR_FORMAT, "pax": tarfile.PAX_FORMAT, "gnu": tarfile.GNU_FORMAT}
KINDS = {tarfile.REGTYPE: "file", tarfile.DIRTYPE: "folder", tarfile.SYMTYPE: "link", tarfile.LNKTYPE: "link",
         tarfile.FIFOTYPE: "other"}


def entries(format):
    """Names, types of members, and their bytes."""
    yield "00000/", tarfile.DIRTYPE, b""
    yield "./00000/0001.png", FILE, IMAGES[0]
    yield "./00000/0001.txt", FILE, "a red cat\n".encode()
    yield "./00000/0001.json", FILE, json.dumps({"caption": "not this", "license": "CC0-1.0", "url": None}).encode()
    yield "./00000/0001.cls", FILE, b"7"
    # 100 bytes fit into a header, and 155 before a slash into ustar's second field.
    yield "a" * 96 + ".png", FILE, IMAGES[1]
    yield "f" * 120 + "/" + "b" * 90 + ".png", FILE, IMAGES[2]
    if format != "ustar":
        yield "f" * 40 + "/" + "c" * 200 + ".png", FILE, IMAGES[3]
    yield "näïve/日本.png", FILE, IMAGES[4]
    yield "link.png", tarfile.SYMTYPE, b""
    yield "hard.png", tarfile.LNKTYPE, b""
    yield "pipe", tarfile.FIFOTYPE, b""
    yield "../outside.png", FILE, IMAGES[5]
    yield "/absolute.png", FILE, IMAGES[6]
    yield "empty.png", FILE, b""


def write(format):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=FORMATS[format]) as archive:
        for name, kind, content in entries(format):
            member = tarfile.TarInfo(name)
            member.mtime = 1.5 if format == "pax" else -5 if format == "gnu" else 1
            if format == "pax":
                member.pax_headers = {"comment": "two\nlines = one value"}
            member.type = kind
            member.size = len(content)
            if kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
                member.linkname = "./00000/0001.png"
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def main():
    folder = ROOT / "tars"
    folder.mkdir(exist_ok=True)
    members = {}
    for format in FORMATS:
        content = write(format)
        (folder / f"{format}.tar").write_bytes(content)
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            members[format] = [
                {"name": m.name, "kind": KINDS[m.type], "start": m.offset_data, "count": m.size if m.isreg() else 0}
                for m in archive.getmembers()]
    (folder / "packed.tar.gz").write_bytes(gzip.compress((folder / "ustar.tar").read_bytes(), mtime=0))
    (folder / "members.json").write_text(json.dumps(members, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
