"""Tables of what was measured, in Markdown."""
import json
from collections import defaultdict
from pathlib import Path
from statistics import median

from .tools import UNIQUE, peers

BEGIN, END = "<!-- measured: begin (tests/bench/imports table) -->", "<!-- measured: end -->"
CASES = {
    "first": "first import",
    "again": "the same file again (all unchanged)",
    "changed": "the same rows, 30 % changed",
    "shuffled": "the same rows in another order",
    "dry": "dry run of a first import",
}


def read(paths):
    lines = []
    for path in paths:
        with open(path, encoding="utf-8") as text:
            lines += [json.loads(line) for line in text]
    return lines


def last_session(path):
    lines = read([path])
    return [line for line in lines if line["session"] == lines[-1]["session"]]


def is_ours(line):
    return "sha256" in line


class Results:
    """What was measured last of each kind: tool, case and size, all rounds of one session."""

    def __init__(self, lines):
        latest = {}
        self.floor = max((line["rss_floor"] for line in lines if "rss_floor" in line), default=0)
        for line in lines:
            latest[self.kind(line)] = line["session"]
        self.of = defaultdict(list)
        for line in lines:
            if latest[self.kind(line)] == line["session"]:
                self.of[self.kind(line)].append(line)

    @staticmethod
    def kind(line):
        return line["tool"], line["case"], line["size"], line.get("what")

    def get(self, tool, case, size):
        return self.of.get((tool, case, size, None), [])

    def tools(self, ours):
        """Their names, in the order in which they came."""
        return list(dict.fromkeys(kind[0] for kind, lines in self.of.items() if is_ours(lines[0]) == ours))

    def sizes(self):
        return sorted({size for _, case, size, _ in self.of if case == "first"})

    def middle(self, tool, case, size, value):
        measured = [value(line) for line in self.get(tool, case, size)]
        return median(measured) if measured else None

    def ratios(self, tool, case, size, other=UNIQUE, other_case=None):
        """Wall time as a multiple of another run's of the same round."""
        by_round = {(line["session"], line["round"]): line["wall"]
                    for line in self.get(other, other_case or case, size)}
        pairs = [(line["wall"], by_round.get((line["session"], line["round"]))) for line in self.get(tool, case, size)]
        return [ours / theirs for ours, theirs in pairs if theirs]


def cpu(line):
    return line["user"] + line["sys"]


def seconds(value):
    return "" if value is None else f"{value:.2f} s" if value < 10 else f"{value:.1f} s"


def megabytes(value):
    return "" if value is None else f"{value / 1e6:,.0f} MB"


def resident(line):
    """The largest resident set; 0 where it was too small for the script to see."""
    return line["rss"] if line["rss"] > line["rss_floor"] else 0


def memory(value, results):
    return f"under {megabytes(results.floor)}" if value == 0 else megabytes(value)


def spread(ratios):
    if not ratios:
        return ""
    return f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})" if len(ratios) > 1 else f"{ratios[0]:.2f}"


def rows_of(size):
    return f"{size:,}"


def markdown(header, rows):
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [header, ["---"] * len(header), *rows])


def table(lines):
    results = Results(lines)
    parts = [conditions(lines)]
    large = [size for size in results.sizes() if size >= 1_000_000]
    for size in large or results.sizes():
        parts.append(cases(results, size))
    parts += [against_peers(results), growth(results), short(results), lookups(results), limited(results)]
    return "\n\n".join(part for part in parts if part)


def conditions(lines):
    last = lines[-1]
    rounds = 1 + max(line["round"] for line in lines)
    return (f"{last['cpu']}, {last['cores']} cores, {last['memory_gb']} GB, {last['system']}; commit {last['commit']}, "
            f"{last['at'][:10]}; up to {rounds} rounds, medians, in brackets the extremes.")


def cases(results, size):
    rows = []
    tools = results.tools(ours=True)
    for tool in tools:
        for case, name in CASES.items():
            if not results.get(tool, case, size):
                continue
            label = f"{tool}: {name}" if len(tools) > 1 else name
            against = spread(results.ratios(tool, case, size))
            if case == "dry":
                against = f"{spread(results.ratios(tool, case, size, tool, 'first'))} × the import"
            written = results.middle(tool, case, size, lambda line: line["written"] / line["database"])
            rows.append([
                label, seconds(results.middle(tool, case, size, lambda line: line["wall"])), against,
                seconds(results.middle(tool, case, size, cpu)),
                memory(results.middle(tool, case, size, resident), results),
                f"{written:.2f}" if case != "dry" else "",
                megabytes(results.middle(tool, case, size, lambda line: line["database"])) if case != "dry" else "",
            ])
    header = [f"{rows_of(size)} rows", "wall time", "÷ `.import`", "CPU", "peak memory", "written ÷ database", "database"]
    return markdown(header, rows)


def against_peers(results):
    sizes = results.sizes()
    if not sizes:
        return ""
    known = {peer.name: peer.what for peer in peers(Path(), None)}
    rows = []
    for tool in [*results.tools(ours=True), *results.tools(ours=False)]:
        ratios = [results.ratios(tool, "first", size) for size in sizes]
        largest = [results.middle(tool, "first", size, resident) for size in sizes]
        at_most = max((value for value in largest if value is not None), default=None)
        rows.append([known.get(tool, tool), *[f"{median(each):.2f}" if each else "" for each in ratios],
                     memory(at_most, results)])
    header = ["first import ÷ `.import` with a UNIQUE reference", *[f"{rows_of(size)} rows" for size in sizes],
              "peak memory, at most"]
    return markdown(header, rows)


def growth(results):
    sizes = results.sizes()
    if len(sizes) < 2:
        return ""
    rows = []
    for tool in [*results.tools(ours=True), UNIQUE]:
        each = [results.middle(tool, "first", size, lambda line: line["wall"] / line["size"] * 1e6) for size in sizes]
        rows.append([f"{tool}, µs a row", *[f"{value:.2f}" if value is not None else "" for value in each]])
    for tool in results.tools(ours=True):
        each = [results.middle(tool, "first", size, resident) for size in sizes]
        rows.append([f"{tool}, peak memory", *[memory(value, results) for value in each]])
    return markdown(["first import", *[f"{rows_of(size)} rows" for size in sizes]], rows)


def short(results):
    size = largest(results, "short")
    tools = results.tools(ours=True)
    rows = []
    for tool in tools:
        label = f" ({tool})" if len(tools) > 1 else ""
        last = [line["last_by_first"] for line in results.get(tool, "first", size) if "last_by_first" in line]
        if last:
            rows.append([f"last tenth of the rows ÷ the first, first import{label}", f"{median(last):.2f}", f"{max(last):.2f}"])
        for kind, lines in results.of.items():
            if kind[:3] == (tool, "short", size):
                times = [f"{lines[-1][key] * 1000:.1f} ms" for key in ("median", "longest")]
                rows.append([lines[-1]["what"] + label, *times])
    header = [f"{rows_of(size)} contacts; a process each, start and end included", "median", "longest"]
    return markdown(header, rows) if rows else ""


def lookups(results):
    size = largest(results, "lookup")
    rows = []
    for kind, lines in results.of.items():
        if kind[1:3] == ("lookup", size):
            times = [f"{lines[-1][key] / 1000:.2f} ms" for key in ("median_us", "p99_us", "longest_us")]
            rows.append([kind[3].replace("_", " "), *times])
    header = [f"{rows_of(size)} contacts; one lookup, within a process", "median", "99th percentile", "longest"]
    return markdown(header, rows) if rows else ""


def largest(results, case):
    """The largest workspace in which this was measured."""
    return max((kind[2] for kind in results.of if kind[1] == case), default=0)


def limited(results):
    rows = [[f"{kind[2]:,} rows under {line['memory_max'] / 2**20:.0f} MiB in all", seconds(line["wall"]),
             megabytes(line["rss"]), "completed, conserved"]
            for kind, lines in results.of.items() if kind[1] == "limited" for line in lines[-1:]]
    return markdown(["hard limit, page cache included", "wall time", "resident", "ended"], rows) if rows else ""


def compare(before, after):
    """What took how much more or less in `after`. Wall time also against the peer, which takes the machine's mood out."""
    old, new = Results(before), Results(after)
    rows = []
    for (tool, case, size, what), lines in new.of.items():
        if case in ("short", "lookup") or not is_ours(lines[0]):
            continue
        known = tool if old.get(tool, case, size) else next(iter(old.tools(ours=True)), None)
        if not old.get(known, case, size):
            continue
        def times(value):
            was, is_ = old.middle(known, case, size, value), new.middle(tool, case, size, value)
            return f"{is_ / was:.2f}" if was else ""
        to_peer = old.ratios(known, case, size), new.ratios(tool, case, size)
        rows.append([f"{rows_of(size)} rows: {CASES.get(case, case)} ({tool})", times(lambda line: line["wall"]),
                     f"{median(to_peer[1]) / median(to_peer[0]):.2f}" if all(to_peer) else "",
                     times(cpu), times(lambda line: line["rss"]), times(lambda line: line["written"]),
                     times(lambda line: line["database"])])
    return markdown(["after ÷ before", "wall time", "against `.import`", "CPU", "peak memory", "written", "database"], rows)


def put_into(path, text):
    """Puts text between the marks of a page."""
    page = Path(path).read_text(encoding="utf-8")
    begin, end = page.index(BEGIN) + len(BEGIN), page.index(END)
    Path(path).write_text(f"{page[:begin]}\n{text}\n{page[end:]}", encoding="utf-8")
