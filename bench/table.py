"""Rounds and their table: what was measured becomes ratios within one round, and the ratios one Markdown line."""
import contextlib
import statistics
from dataclasses import dataclass, field

from servers import say


@dataclass
class Row:
    what: str
    unit: str
    wanted: float
    """At least this ratio; with `at_most` no more than it."""
    at_most: bool = False
    ours: list = field(default_factory=list)
    peer: list = field(default_factory=list)
    ratios: list = field(default_factory=list)
    remark: str = ""

    def add(self, ours, peer, ratio):
        self.ours.append(ours)
        self.peer.append(peer)
        self.ratios.append(ratio)

    def met(self):
        middle = statistics.median(self.ratios)
        return middle <= self.wanted if self.at_most else middle >= self.wanted

    def line(self):
        if not self.ratios:
            return f"| {self.what} | – | – | – | {self.limit()} | {self.remark or 'not measured'} |"
        middle, least, most = statistics.median(self.ratios), min(self.ratios), max(self.ratios)
        shown = lambda values: f"{number(statistics.median(values))} {self.unit}".strip() if values and values[0] is not None else "–"
        spread = f"{number(middle)} ({number(least)}..{number(most)})"
        met = "yes" if self.met() else "**no**"
        return f"| {self.what} | {shown(self.ours)} | {shown(self.peer)} | {spread} | {self.limit()} | {met}{'; ' + self.remark if self.remark else ''} |"

    def limit(self):
        return f"{'≤' if self.at_most else '≥'} {number(self.wanted)}"


class ProcessorTime:
    """What servers spent on the same work, ours and the peer's in turn; disturbed less by other programs than the clock is."""

    def __init__(self):
        self.seconds = []

    def add(self, seconds):
        self.seconds.append(max(seconds, 1e-9))

    @contextlib.contextmanager
    def of(self, server):
        before = server.cpu_seconds()
        yield
        self.add(max(server.cpu_seconds() - before, 0.01))

    def remark(self):
        """The first pair warmed up."""
        pairs = list(zip(self.seconds[0::2], self.seconds[1::2]))[1:]
        return f"per processor second of the server {statistics.median(its / mine for mine, its in pairs):.2f} ×"


def number(value):
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def interleave(rounds, row, ours, peer, ratio, warm_up=True):
    """Ours, peer, ours, peer …; both functions return a number, `ratio` compares those of one round."""
    if warm_up:
        ours()
        peer()
    for turn in range(rounds):
        mine, its = ours(), peer()
        row.add(mine, its, ratio(mine, its))
        say(f"  {row.what}, round {turn + 1}: ours {number(mine)}, peer {number(its)} {row.unit}, ratio {row.ratios[-1]:.3f}")


def more_is_better(ours, peer):
    return ours / peer


def less_is_better(ours, peer):
    """For times: how many times quicker ours is."""
    return peer / ours
