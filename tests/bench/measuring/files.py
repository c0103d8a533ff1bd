"""The CSV files that are imported. All of them come from tests/tools/make-contacts.py, with the same seed."""
import json
import subprocess
import sys
from pathlib import Path

MAKE = Path(__file__).resolve().parents[2] / "tools" / "make-contacts.py"
SEED = 1
COMPANY = 7  # The column.


def contacts(work, rows):
    """A file of this many sound rows with random references. What is there already is used again."""
    path = work / f"contacts-{rows}.csv"
    if not path.exists():
        part = path.with_suffix(".part")
        made = subprocess.run([sys.executable, MAKE, "--rows", str(rows), "--seed", str(SEED), "--no-bad", "--out", part],
                              check=True, stderr=subprocess.PIPE, text=True)
        expected = json.loads(made.stderr.splitlines()[-1])
        assert expected["created"] == rows, expected
        part.rename(path)
    return path


def changed(work, rows):
    """The same rows, three in ten with another company."""
    return _made(work / f"changed-{rows}.csv", "change", contacts(work, rows))


def shuffled(work, rows):
    """The same rows in another order."""
    return _made(work / f"shuffled-{rows}.csv", "shuffle", contacts(work, rows))


def few(work, n):
    """Ten people that no other file has, and other ones for each n."""
    path = work / "few.csv"
    people = "".join(f"NEW-{n}-{i},Nea,New,nea{n}.{i}@few.example\r\n" for i in range(10))
    path.write_text("External ID,First Name,Last Name,Email\r\n" + people)
    return path


def changed_rows(rows):
    """How many rows `changed` gives another company."""
    return rows // 10 * 3 + min(rows % 10, 3)


def _made(path, how, source):
    """Made by a process of its own: this one must stay small, because what it starts inherits its largest size."""
    if not path.exists():
        part = path.with_suffix(".part")
        subprocess.run([sys.executable, __file__, how, source, part], check=True)
        part.rename(path)
    return path


def _change(source, target):
    import csv
    with open(source, newline="", encoding="utf-8") as read, open(target, "w", newline="", encoding="utf-8") as write:
        rows = csv.reader(read)
        out = csv.writer(write, lineterminator="\r\n")
        out.writerow(next(rows))
        for i, row in enumerate(rows):
            if i % 10 < 3:
                row[COMPANY] = f"Moved {i} Ltd"
            out.writerow(row)


def _shuffle(source, target):
    import array
    import mmap
    import random
    with open(source, "rb") as read, open(target, "wb") as write:
        text = mmap.mmap(read.fileno(), 0, access=mmap.ACCESS_READ)
        # Line breaks within cells are without a carriage return.
        starts = array.array("Q")
        at = head = text.find(b"\r\n") + 2
        while 0 <= at < len(text):
            starts.append(at)
            at = text.find(b"\r\n", at) + 2
        write.write(text[:head])
        random.Random(SEED).shuffle(starts)
        for start in starts:
            write.write(text[start:text.find(b"\r\n", start) + 2])


if __name__ == "__main__":
    {"change": _change, "shuffle": _shuffle}[sys.argv[1]](sys.argv[2], sys.argv[3])
