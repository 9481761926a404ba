"""Rows: what was measured on both sides, the ratio, the goal, and whether it is met."""

import dataclasses
import statistics


@dataclasses.dataclass
class Side:
    """One thing that was measured several times. Lower is better."""

    name: str
    unit: str
    values: list
    note: str = ""

    def best(self):
        return min(self.values)

    def median(self):
        return statistics.median(self.values)


@dataclasses.dataclass
class Verdict:
    """One goal: `text` says what was compared with what, from which figures."""

    text: str
    value: float
    goal: float
    unit: str = "x"

    def is_met(self):
        return self.value <= self.goal


@dataclasses.dataclass
class Row:
    key: str
    title: str
    sides: list = dataclasses.field(default_factory=list)
    verdicts: list = dataclasses.field(default_factory=list)
    tables: list = dataclasses.field(default_factory=list)  # (title, header, rows of text)
    notes: list = dataclasses.field(default_factory=list)

    def add(self, name, unit, values, note=""):
        side = Side(name, unit, list(values), note)
        self.sides.append(side)
        return side

    def compare(self, ours, theirs, goal, what):
        """The ratio of the medians of two sides."""
        self.verdicts.append(Verdict(f"{ours.name} / {theirs.name}, {what}", ours.median() / theirs.median(), goal))

    def limit(self, side, goal):
        """The median of one side against an absolute goal."""
        self.verdicts.append(Verdict(side.name, side.median(), goal, " " + side.unit))

    def data(self):
        """As JSON has it."""
        sides = [dataclasses.asdict(side) | {"min": side.best(), "median": side.median()} for side in self.sides]
        verdicts = [dataclasses.asdict(verdict) | {"met": verdict.is_met()} for verdict in self.verdicts]
        return dataclasses.asdict(self) | {"sides": sides, "verdicts": verdicts}


def table(header, rows):
    """Aligned text; the first column to the left, the others to the right."""
    cells = [header, *rows]
    widths = [max(len(str(row[i])) for row in cells) for i in range(len(header))]
    lines = []
    for row in cells:
        first = str(row[0]).ljust(widths[0])
        others = [str(cell).rjust(width) for cell, width in zip(row[1:], widths[1:])]
        lines.append("  " + "  ".join([first, *others]).rstrip())
    return "\n".join(lines)


def number(value):
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.3g}"


def print_row(row):
    print(f"\n== {row.key}: {row.title}")
    if row.sides:
        lines = [
            [side.name, number(side.best()), number(side.median()), side.unit, f"{len(side.values)}x", side.note]
            for side in row.sides
        ]
        print(table(["", "min", "median", "", "runs", ""], lines))
    for title, header, lines in row.tables:
        print(f"  {title}")
        print(table(header, lines))
    for verdict in row.verdicts:
        met = "met" if verdict.is_met() else "MISSED"
        value, goal = (f"{number(figure)}{verdict.unit}" for figure in (verdict.value, verdict.goal))
        print(f"  {met}: {verdict.text}: {value} (goal {goal})")
    for note in row.notes:
        print(f"  note: {note}")
