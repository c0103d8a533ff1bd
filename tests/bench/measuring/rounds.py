"""Which runs are made, in which order: rounds, in each of which everything is measured once."""
import json
import os
import platform
import random
import shutil
import subprocess
import time
from pathlib import Path

from . import files
from .process import Failed, measured
from .tools import UNIQUE, Landfall, peers

ROOT = Path(__file__).resolve().parents[3]
CASES = ["first", "again", "changed", "shuffled", "dry"]
LARGE = 5_000_000
# How often a short command is repeated.
TIMES = 21


def machine():
    """What it is measured on, in words."""
    cpu = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                if line.startswith("model name")), platform.machine())
    memory = next(int(line.split()[1]) for line in Path("/proc/meminfo").read_text().splitlines()
                  if line.startswith("MemTotal"))
    return {"cpu": cpu, "cores": len(os.sched_getaffinity(0)), "memory_gb": round(memory / 1e6),
            "system": f"{platform.system()} {platform.release()}"}


def commit():
    """The commit of the tree that this script stands in."""
    said = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=Path(__file__).parent, capture_output=True,
                          text=True)
    return said.stdout.strip() or None


class Session:
    """Everything that one call of the script measures, and the file that it goes to."""

    def __init__(self, options):
        self.options = options
        self.work = Path(options.work).resolve()
        self.work.mkdir(parents=True, exist_ok=True)
        self.landfalls = [Landfall(name, path, self.work) for name, path in options.binary]
        self.seconds_a_row = {}
        self.peers = [] if options.memory_max else self.found(peers(self.work, options.python))
        self.about = {"session": f"{time.strftime('%Y%m%dT%H%M%S')}-{random.randrange(16**4):04x}", "commit": commit(),
                      **machine()}
        if on_memory(self.work):
            print(f"{self.work} lies in memory: bytes written are not counted there, and no peer waits for a disk")

    def found(self, all_peers):
        wanted = self.options.peers
        present = []
        for peer in all_peers:
            if wanted is not None and peer.name not in wanted and peer.name != UNIQUE:
                continue
            missing = peer.missing()
            if missing:
                print(f"skipped: {peer.name}: {missing}")
            else:
                present.append(peer)
        return present

    def keep(self, tool, case, rows, round_, took):
        line = {**self.about, "tool": tool.name, "case": case, "size": rows, "round": round_,
                "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), **took}
        if isinstance(tool, Landfall):
            line["sha256"] = tool.sha256
        with open(self.options.results, "a", encoding="utf-8") as results:
            results.write(json.dumps(line) + "\n")
        if "wall" in took:
            print(f"{rows:>11,} rows  {case:9} {tool.name:16} {took['wall']:8.2f} s  CPU {took['user'] + took['sys']:7.2f} s"
                  f"  {took['rss'] / 1e6:7.0f} MB  written {took['written'] / 1e6:8.0f} MB"
                  f"  database {took['database'] / 1e6:7.0f} MB", flush=True)

    def run(self):
        for rows in self.options.rows:
            if self.options.memory_max:
                self.under_limit(rows)
            else:
                self.size(rows)

    def size(self, rows):
        """All rounds with files of this many rows."""
        for round_ in range(self.options.pairs):
            imported = self.first(rows, round_)
            for case in [case for case in CASES[1:] if case in self.options.cases]:
                self.again(case, rows, round_, imported)
            if (rows >= LARGE or self.options.short) and round_ == 0:
                for landfall, workspace in imported.items():
                    self.in_large(landfall, workspace, rows)
            for workspace in imported.values():
                shutil.rmtree(workspace)

    def first(self, rows, round_):
        """Imports into empty workspaces and loads by all peers. Answers the workspaces."""
        file = files.contacts(self.work, rows)
        imported = {}
        for tool in in_turn([*self.landfalls, *self.peers], round_):
            if not isinstance(tool, Landfall):
                if not self.is_too_slow(tool, rows):
                    self.load(tool, "first", file, rows, round_)
                continue
            workspace = tool.copy(tool.empty_workspace(), "imported")
            took = tool.imports(workspace, file, watch=rows >= LARGE)
            expect(took, created=rows)
            self.keep(tool, "first", rows, round_, {**took, **pace(took.pop("pace", []), rows)})
            imported[tool] = workspace
        return imported

    def is_too_slow(self, peer, rows):
        """Whether a peer would take longer than anybody wants to wait, by what it took before."""
        would_take = self.seconds_a_row.get(peer, 0) * rows
        if would_take > self.options.patience:
            print(f"skipped: {peer.name}: {rows:,} rows would take it about {would_take:.0f} s (--patience)")
        return would_take > self.options.patience

    def load(self, peer, case, file, rows, round_):
        took = peer.imports(file)
        if took["rows"] != rows:
            raise Failed(f"{peer.name} has {took['rows']} rows instead of {rows}")
        self.keep(peer, case, rows, round_, took)
        self.seconds_a_row[peer] = took["wall"] / rows
        for left in peer.database.parent.glob(peer.database.name + "*"):
            left.unlink()

    def again(self, case, rows, round_, imported):
        """A further import, beside a load of the same file by the peer that everything is compared with."""
        changed = files.changed_rows(rows)
        make, flags, expected = {
            "again": (files.contacts, [], {"unchanged": rows}),
            "changed": (files.changed, [], {"updated": changed, "unchanged": rows - changed}),
            "shuffled": (files.shuffled, [], {"unchanged": rows}),
            "dry": (files.contacts, ["--dry-run"], {"created": rows}),
        }[case]
        file = make(self.work, rows)
        main = [peer for peer in self.peers if peer.name == UNIQUE]
        for tool in in_turn([*self.landfalls, *main], round_):
            if isinstance(tool, Landfall):
                before = tool.empty_workspace() if case == "dry" else imported[tool]
                workspace = tool.copy(before, "case")
                took = tool.imports(workspace, file, *flags)
                expect(took, **expected)
                self.keep(tool, case, rows, round_, took)
                shutil.rmtree(workspace)
            else:
                self.load(tool, case, file, rows, round_)

    def in_large(self, landfall, workspace, rows):
        """What short commands take in a large workspace. Each is a process of its own, start and end included."""
        print(f"{rows:>11,} rows  short commands of {landfall}: median, longest of {TIMES}")
        file = files.contacts(self.work, rows)
        if self.options.lookups:
            self.lookups(landfall, workspace, rows)
        people = some_people(file, TIMES)
        empty = landfall.copy(landfall.empty_workspace(), "case")
        for name, into in [("import of 10 rows into an empty workspace", empty), ("import of 10 rows into it", workspace)]:
            self.short(landfall, rows, name,
                       lambda n, into=into: landfall.imports(into, files.few(self.work, n))["wall"])
        rows_of = ["run", "rows", "1", "--only", "failed", "--limit", "1"]
        for name, command in [
            ("first row of `run rows 1 --only failed`", lambda _: rows_of),
            ("`lookup` by reference", lambda n: ["lookup", people[n][0]]),
            ("`lookup` by the beginning of a reference", lambda n: ["lookup", people[n][0][:6], "--limit", "50"]),
            ("`lookup` by email", lambda n: ["lookup", people[n][3]]),
            ("`lookup` by phone", lambda n: ["lookup", people[n][4]]),
            ("`lookup` by a word of the name", lambda n: ["lookup", people[n][2], "--limit", "50"]),
            ("`lookup` by two words", lambda n: ["lookup", f"{people[n][1]} {people[n][2]}", "--limit", "50"]),
            ("`lookup` of a reference that is not there", lambda n: ["lookup", f"C-NONE{n:04}"]),
            ("`inspect` of the file", lambda _: ["inspect", file]),
        ]:
            base = [landfall.binary, "--workspace", workspace, "--json"]
            self.short(landfall, rows, name,
                       lambda n, of=command: measured([*base, *of(n)], may_exit=(0, 1, 3))[0]["wall"])

    def lookups(self, landfall, workspace, rows):
        """Single lookups within one process, by the micro benchmarks of this tree."""
        said = subprocess.run(["cargo", "bench", "--quiet", "--bench", "micro", "--", "--percentiles"], cwd=ROOT,
                              env={**os.environ, "LANDFALL_BENCH_WORKSPACE": str(workspace)}, check=True,
                              stdout=subprocess.PIPE, text=True).stdout
        for line in said.splitlines():
            found = json.loads(line)
            self.keep(landfall, "lookup", rows, 0, {**found, "what": found["lookup"]})
            print(f"{'':17}{found['median_us']:8.0f} µs {found['p99_us']:8.0f} µs  {found['lookup']}: median, 99th percentile",
                  flush=True)

    def short(self, landfall, rows, name, once):
        took = sorted(once(n) for n in range(TIMES))
        middle, longest = took[len(took) // 2], took[-1]
        self.keep(landfall, "short", rows, 0, {"what": name, "median": middle, "longest": longest})
        print(f"{'':17}{middle * 1000:8.1f} ms {longest * 1000:8.1f} ms  {name}", flush=True)

    def under_limit(self, rows):
        """An import into an empty workspace that may have no more memory than this, its page cache included."""
        limit = self.options.memory_max
        for landfall in self.landfalls:
            workspace = landfall.copy(landfall.empty_workspace(), "limited")
            took = landfall.imports(workspace, files.contacts(self.work, rows), memory_max=limit)
            expect(took, created=rows)
            self.keep(landfall, "limited", rows, 0, took)
            print(f"{'':17}ended well under a limit of {limit / 2**20:.0f} MiB, page cache included")
            shutil.rmtree(workspace)


def in_turn(tools, round_):
    """Every other round goes the other way, so that what changes with time is on nobody's side."""
    return tools if round_ % 2 == 0 else tools[::-1]


def expect(took, **outcomes):
    due = {**dict.fromkeys(took["outcomes"], 0), **outcomes}
    if took["outcomes"] != due:
        raise Failed(f"run {took['run']} ended with {took['outcomes']} instead of {due}")


def pace(samples, rows):
    """How much longer the last tenth of the rows took than the first, from when how many were committed."""
    def at(row):
        """When this row was reached, between the two moments around it."""
        for (t0, r0), (t1, r1) in zip(samples, samples[1:]):
            if r0 <= row <= r1:
                return t0 + (t1 - t0) * (row - r0) / (r1 - r0)
        return None

    if len(samples) < 20:
        return {}
    # From the first commit on, of which it is not known when it began.
    first, tenth = samples[0][1], rows // 10
    times = at(first), at(first + tenth), at(samples[-1][1] - tenth), at(samples[-1][1])
    if None in times:
        return {}
    return {"last_by_first": (times[3] - times[2]) / (times[1] - times[0]), "pace": samples}


def some_people(file, count):
    """People from all over the file, with an email and a phone."""
    import csv
    size = Path(file).stat().st_size
    people = []
    with open(file, "rb") as text:
        for n in range(count):
            text.seek(size * (2 * n + 1) // (2 * count))
            lines = iter(text.readline, b"")
            for line in lines:
                cells = next(csv.reader([line.decode("utf-8", "replace")]), [])
                if len(cells) == 12 and cells[0].startswith("C-") and cells[3] and cells[4]:
                    people.append(cells)
                    break
    return people


def on_memory(path):
    """Whether a directory is on a file system without a disk."""
    best = max((line.split() for line in Path("/proc/mounts").read_text().splitlines()
                if path.is_relative_to(line.split()[1])), key=lambda mount: len(mount[1]))
    return best[2] in ("tmpfs", "ramfs")
