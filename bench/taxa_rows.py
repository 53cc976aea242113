"""The row about type-ahead: two million made-up taxa in the files of NCBI's taxdump, imported by our own command, and what people
type letter by letter, with a mistake in one question in seven, asked over HTTP."""
import json
import os
import random
import time
import urllib.parse

from client import Connection
from house import command
from servers import say, science3d
from table import Row, less_is_better

SEED = 4711
LIMIT_MS = 10
PARTS = "ba ce do fi gu la me no pi ru sa te vo xi zu tri pha che bra glo sta psi ophi ura".split()


def suggestions(program, folder, sizes):
    data = os.path.join(folder, "taxa")
    names = imported(program, folder, data, sizes.taxa)
    server = science3d(program, data, os.path.join(folder, "taxa.log"))
    try:
        row = Row(f"Organisms suggested as one types, {sizes.taxa:,} taxa, p99 over HTTP, against the limit", "ms", 1)
        dice = random.Random(SEED + 1)
        for _ in range(sizes.rounds):
            found, times = measured(server.port, names, dice, sizes.questions * 5)
            p99 = times[int(len(times) * 0.99)]
            row.add(p99, LIMIT_MS, less_is_better(p99, LIMIT_MS))
            row.remark = f"p50 {times[len(times) // 2]:.1f} ms, worst {times[-1]:.1f} ms, {found / len(times):.0%} found something"
        row.remark += f"; resident {server.resident_bytes()[0] / 1e6:.0f} MB"
        yield row
    finally:
        server.stop()


def imported(program, folder, data, count):
    """Writes nodes.dmp and names.dmp and imports them; returns some of the names."""
    dice = random.Random(SEED)
    word = lambda least: "".join(dice.choices(PARTS, k=least + dice.randrange(3)))
    dump = os.path.join(folder, "taxdump")
    os.makedirs(dump)
    some = []
    begun = time.monotonic()
    with open(os.path.join(dump, "nodes.dmp"), "w") as nodes, open(os.path.join(dump, "names.dmp"), "w") as names:
        for taxon in range(1, count + 1):
            nodes.write(f"{taxon}\t|\t{max(1, taxon // 50)}\t|\t{'genus' if taxon < count // 50 else 'species'}\t|\n")
            name = f"{word(2)} {word(2)}".capitalize()
            names.write(f"{taxon}\t|\t{name}\t|\t\t|\tscientific name\t|\n")
            if taxon % 3 == 0:
                names.write(f"{taxon}\t|\t{word(2)} {word(2)}\t|\t\t|\tsynonym\t|\n")
            if taxon % 20 == 0:
                names.write(f"{taxon}\t|\t{word(1)} of {word(1)}\t|\t\t|\tgenbank common name\t|\n")
            if taxon % 977 == 0:
                some.append(name)
    say(f"  {count:,} taxa written in {time.monotonic() - begun:.0f} s")
    begun = time.monotonic()
    command(program, "admin", "--data", data, "taxa", "import", dump)
    say(f"  imported in {time.monotonic() - begun:.0f} s, {os.path.getsize(os.path.join(data, 'vocabularies', 'taxa')) / 1e6:.0f} MB")
    return some


def measured(port, names, dice, questions):
    connection = Connection(port)
    found, times = 0, []
    for number in range(questions):
        name = dice.choice(names)
        typed = name[: 2 + number % 14]
        if number % 4 == 0 and len(typed) > 6:
            typed = typed[:3] + "q" + typed[4:]
        address = "/api/v1/vocabularies/taxa?" + urllib.parse.urlencode({"q": typed})
        begun = time.perf_counter()
        status, _, answer = connection.ask("GET", address)
        times.append((time.perf_counter() - begun) * 1000)
        if status != 200:
            raise RuntimeError(f"{address}: {status} {answer[:200]}")
        found += bool(json.loads(answer)["items"])
    if found < questions // 2:
        raise RuntimeError(f"only {found} of {questions} questions found anything")
    return found, sorted(times)
