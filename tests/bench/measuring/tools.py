"""What is measured: Landfall, and the tools that people load a CSV into SQLite with."""
import csv
import hashlib
import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

from .process import Failed, fresh_copy, measured

OUTCOMES = ["created", "updated", "unchanged", "skipped", "failed"]
SOURCE = "bench"


class Landfall:
    """One binary of Landfall."""

    def __init__(self, name, binary, work):
        self.name, self.binary, self.work = name, Path(binary).resolve(), work / name
        self.sha256 = digest(self.binary)
        self.work.mkdir(parents=True, exist_ok=True)

    def __str__(self):
        return self.name

    def say(self, workspace, *args):
        """The objects that a command answers."""
        command = [self.binary, "--workspace", workspace, "--json", *map(str, args)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode not in (0, 3):
            raise Failed(f"{command}: {done.stdout}{done.stderr}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def empty_workspace(self):
        """A workspace in which every column of the files lands."""
        workspace = self.work / "empty"
        shutil.rmtree(workspace, ignore_errors=True)
        for user in ["Logan Paul", "Adam Smith", "David Lee"]:
            self.say(workspace, "user", "add", user)
        self.say(workspace, "field", "add", "deal_value", "--label", "Deal Value", "--kind", "money")
        return workspace

    def copy(self, workspace, name):
        return fresh_copy(workspace, self.work / name)

    def imports(self, workspace, file, *flags, watch=False, memory_max=None):
        """One import, with what it took and how its run stands. Its numbers must add up."""
        kept = self.kept(workspace)
        command = [self.binary, "--workspace", workspace, "--json", "import", file, "--yes", "--source", SOURCE, *flags]
        took, said = measured(command, watch=watch, memory_max=memory_max)
        run = json.loads(said.splitlines()[-1])
        shown = self.say(workspace, "run", "show", run["run"])[0]
        if shown["rows"] != sum(shown[outcome] for outcome in OUTCOMES) or shown["not_reached"]:
            raise Failed(f"the numbers of a run do not add up: {shown}")
        if shown["status"] != "completed":
            raise Failed(f"a run is not completed: {shown}")
        # The kept delivery is a copy of the input: it is in neither of the two numbers.
        landed = sum(size for file_id, size in self.kept(workspace).items() if file_id not in kept)
        took["written"] -= landed
        took["delivery"] = landed
        took["database"] = self.database(workspace)
        return {**took, "rows": shown["rows"], "outcomes": {key: shown[key] for key in OUTCOMES}, "run": run["run"]}

    @staticmethod
    def kept(workspace):
        """The sizes of the kept deliveries. A copy that is written anew is another file, whatever its name."""
        files = [path.stat() for path in (Path(workspace) / "deliveries").glob("*")]
        return {(file.st_ino, file.st_ctime_ns): file.st_size for file in files}

    @staticmethod
    def database(workspace):
        return sum(path.stat().st_size for path in Path(workspace).glob("landfall.db*"))


def digest(file):
    """Read in small parts: what this process takes, those that it starts inherit (`measured`)."""
    found = hashlib.sha256()
    with open(file, "rb") as binary:
        while part := binary.read(1 << 16):
            found.update(part)
    return found.hexdigest()[:12]


def header(file):
    with open(file, newline="", encoding="utf-8") as text:
        return next(csv.reader(text))


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def table(file, unique=True):
    columns = [quoted(name) + (" UNIQUE" if unique and place == 0 else "") for place, name in enumerate(header(file))]
    return f"CREATE TABLE t({', '.join(columns)})"


class Peer:
    """A tool that loads a CSV and does nothing else. `loads` answers the command and, where there is one, a script."""

    def __init__(self, name, what, work):
        self.name, self.what, self.database = name, what, work / f"{name}.db"

    def __str__(self):
        return self.name

    def imports(self, file, memory_max=None):
        for left in self.database.parent.glob(self.database.name + "*"):
            left.unlink()
        self.prepare(file)
        took, _ = measured(self.command(file), memory_max=memory_max)
        size = sum(path.stat().st_size for path in self.database.parent.glob(self.database.name + "*"))
        return {**took, "database": size, "rows": self.rows()}

    def prepare(self, file):
        pass

    def rows(self):
        connection = sqlite3.connect(self.database)
        try:
            return connection.execute("SELECT count(*) FROM t").fetchone()[0]
        finally:
            connection.close()


class Sqlite(Peer):
    """`sqlite3 .import`."""

    def __init__(self, name, what, work, unique, more=()):
        super().__init__(name, what, work)
        self.unique, self.more = unique, more

    @staticmethod
    def missing():
        return None if shutil.which("sqlite3") else "sqlite3 is not installed"

    def command(self, file):
        indexes = [f"CREATE INDEX t_{place} ON t({quoted(column)})" for place, column in enumerate(self.more)]
        statements = "; ".join([table(file, self.unique), *indexes])
        return ["sqlite3", self.database, statements, ".mode csv", f".import --skip 1 '{file}' t"]


class Scripted(Peer):
    """A library of Python, in an interpreter of its own."""

    def __init__(self, name, what, work, module, python, script):
        super().__init__(name, what, work)
        self.module, self.python, self.script = module, python, script

    def missing(self):
        found = subprocess.run([self.python, "-c", f"import {self.module}"], capture_output=True)
        return f"{self.module} cannot be imported by {self.python} (--python)" if found.returncode else None

    def command(self, file):
        return [self.python, "-c", self.script, file, self.database, json.dumps(header(file))]


class DuckDb(Scripted):
    def rows(self):
        script = "import duckdb, sys; print(duckdb.connect(sys.argv[1]).execute('SELECT count(*) FROM t').fetchone()[0])"
        return int(subprocess.run([self.python, "-c", script, self.database], check=True, capture_output=True).stdout)


class SqliteUtils(Scripted):
    def command(self, file):
        return [self.python, "-m", "sqlite_utils", "insert", self.database, "t", file, "--csv", "--pk", header(file)[0]]


DUCKDB = """
import duckdb, json, sys
file, database, header = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
columns = [name.replace('"', '""') for name in header]
db = duckdb.connect(database)
db.execute("CREATE TABLE t(" + ", ".join(f'"{c}" VARCHAR' + (" PRIMARY KEY" if i == 0 else "") for i, c in enumerate(columns)) + ")")
db.execute("INSERT INTO t SELECT * FROM read_csv(?, header = true, all_varchar = true, quote = '\\"', escape = '\\"')", [file])
db.close()
"""

PANDAS = """
import pandas, json, sqlite3, sys
file, database, header = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
columns = ['"' + name.replace('"', '""') + '"' for name in header]
db = sqlite3.connect(database)
db.execute("CREATE TABLE t(" + ", ".join(c + (" UNIQUE" if i == 0 else "") for i, c in enumerate(columns)) + ")")
for part in pandas.read_csv(file, dtype=str, keep_default_na=False, chunksize=100_000):
    part.to_sql("t", db, if_exists="append", index=False)
db.commit()
"""

UNIQUE = "sqlite-unique"


def peers(work, python):
    """All peers, the one that everything is compared with first."""
    python = python or sys.executable
    return [
        Sqlite(UNIQUE, "`sqlite3 .import`, UNIQUE reference", work, unique=True),
        Sqlite("sqlite-bare", "`sqlite3 .import`, no index", work, unique=False),
        Sqlite("sqlite-indexed", "`sqlite3 .import`, reference, email and phone indexed", work, unique=True,
               more=["Email", "Phone"]),
        DuckDb("duckdb", "DuckDB, keyed table", work, "duckdb", python, DUCKDB),
        Scripted("pandas", "pandas `to_sql`, UNIQUE reference", work, "pandas", python, PANDAS),
        SqliteUtils("sqlite-utils", "sqlite-utils `insert --pk`", work, "sqlite_utils", python, ""),
    ]
