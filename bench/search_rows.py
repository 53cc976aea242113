"""The rows about search: the same records in our catalogue and in PostgreSQL, the same questions to both.

PostgreSQL is asked in this process over its local socket and answers with rows; ours is asked over HTTP and answers with
JSON that is parsed on the clock. Every question is asked once only, so that nobody answers from memory.
"""
import glob
import io
import json
import os
import pwd
import shutil
import subprocess
import time
import urllib.parse
from functools import partial

import synthetic
from client import Connection, get
from house import command
from servers import Skipped, free_port, say, science3d
from table import Row, less_is_better, more_is_better

FACETS = ["technique", "probe", "facility", "licence", "year"]
SEED = 4711


def indexed(program, folder, count):
    """A server whose catalogue holds that many records, all of them in its search index."""
    data = os.path.join(folder, f"search-{count}")
    command(program, "migrate", "--data", data)
    begun = time.monotonic()
    catalogue = synthetic.Catalogue(data)
    language = synthetic.Language(SEED)
    catalogue.add(language.record(number) for number in range(count))
    catalogue.close()
    say(f"  {count:,} records written in {time.monotonic() - begun:.0f} s")
    begun = time.monotonic()
    server = science3d(program, data, os.path.join(folder, f"search-{count}.log"))
    known = 0
    while known < count:
        status, _, answer = get(server.port, "/api/v1/search?limit=1")
        known = json.loads(answer)["total"] if status == 200 else known
        if server.process.poll() is not None or time.monotonic() - begun > 3600:
            server.stop()
            raise RuntimeError(f"the index holds {known} of {count} records after {time.monotonic() - begun:.0f} s")
        time.sleep(0.5)
    say(f"  indexed in {time.monotonic() - begun:.0f} s, resident {server.resident_bytes()[0] / 1e6:.0f} MB")
    return server


def ask_ours(connection, words, narrow):
    query = urllib.parse.urlencode({"q": words, "limit": 20, **narrow})
    begun = time.perf_counter()
    status, _, answer = connection.ask("GET", f"/api/v1/search?{query}")
    page = json.loads(answer)
    seconds = time.perf_counter() - begun
    if status != 200 or len(page["facets"]) < len(FACETS) and page["total"]:
        raise RuntimeError(f"search for {words}: {status} {answer[:300]}")
    return seconds * 1000, page["total"]


class Postgres:
    """A throw-away cluster, tuned as its documentation advises for a machine that it has to itself."""

    def __init__(self, folder):
        try:
            import psycopg2
        except ImportError:
            raise Skipped("the PostgreSQL client psycopg2 is not installed")
        programs = sorted(glob.glob("/usr/lib/postgresql/*/bin")) or [os.path.dirname(shutil.which("postgres") or "")]
        if not os.path.exists(os.path.join(programs[-1], "initdb")):
            raise Skipped("PostgreSQL is not installed")
        self.folder = os.path.join(folder, "postgres")
        os.makedirs(self.folder)
        other = {}
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            other = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        data = os.path.join(self.folder, "data")
        tool = lambda name: os.path.join(programs[-1], name)
        subprocess.run([tool("initdb"), "-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"], check=True, stdout=subprocess.DEVNULL, cwd="/", **other)
        port = free_port()
        tuned = ["shared_buffers=1GB", "work_mem=128MB", "effective_cache_size=4GB", "jit=off", "random_page_cost=1.1", "max_parallel_workers_per_gather=2", "listen_addresses="]
        options = [word for setting in tuned for word in ("-c", setting)]
        self.process = subprocess.Popen([tool("postgres"), "-D", data, "-p", str(port), "-k", self.folder, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **other)
        for _ in range(300):
            try:
                self.connection = psycopg2.connect(host=self.folder, port=port, user="bench", dbname="postgres")
                break
            except psycopg2.OperationalError:
                time.sleep(0.1)
        self.connection.autocommit = True
        self.cursor = self.connection.cursor()

    def load(self, documents):
        cursor = self.cursor
        cursor.execute("CREATE UNLOGGED TABLE raw (id text, title text, names text, description text, source text, technique text, probe text, facility text, licence text, year text)")
        clean = lambda text: text.replace("\\", "\\\\").replace("\t", " ").replace("\n", " ")
        lines = io.StringIO()
        for doc in documents:
            said, seen = doc["metadata"], doc["metadata"]["acquisition"]
            names = " ".join(said["keywords"] + [person["family"] for person in said["creators"]] + [said["sample"]["organism"], seen["facility"]])
            columns = (doc["id"], said["title"], names, said["description"], json.dumps(doc), seen["technique"], seen["probe"], seen["facility"], said["licence"], doc["registered_at"][:4])
            lines.write("\t".join(map(clean, columns)) + "\n")
        lines.seek(0)
        cursor.copy_expert("COPY raw FROM STDIN", lines)
        cursor.execute("CREATE TABLE record AS SELECT id, source, technique, probe, facility, licence, year, setweight(to_tsvector('simple', title), 'A') || "
                       "setweight(to_tsvector('simple', names), 'B') || setweight(to_tsvector('simple', description), 'C') AS words FROM raw")
        cursor.execute("DROP TABLE raw")
        cursor.execute("CREATE INDEX ON record USING gin (words)")
        cursor.execute("CREATE INDEX ON record (probe)")
        cursor.execute("VACUUM ANALYZE record")

    def ask(self, words, narrow):
        """The best twenty with their documents, and the counts of the five facets and of all."""
        condition = "".join(f" AND {column} = %s" for column in narrow)
        values = [words, *narrow.values()]
        begun = time.perf_counter()
        self.cursor.execute(f"SELECT id, source FROM record, plainto_tsquery('simple', %s) asked WHERE words @@ asked{condition} ORDER BY ts_rank(words, asked) DESC LIMIT 20", values)
        self.cursor.fetchall()
        columns = ", ".join(FACETS)
        sets = ", ".join(f"({facet})" for facet in FACETS)
        self.cursor.execute(f"SELECT {columns}, count(*), grouping({columns}) FROM record, plainto_tsquery('simple', %s) asked WHERE words @@ asked{condition} GROUP BY GROUPING SETS ({sets}, ())", values)
        counts = self.cursor.fetchall()
        seconds = time.perf_counter() - begun
        return seconds * 1000, next((row[-2] for row in counts if row[-1] == 2 ** len(FACETS) - 1), 0)

    def close(self):
        self.connection.close()
        self.process.terminate()
        self.process.wait()


def percentile(times, share):
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def round_over_http(port, language_seed, count):
    connection = Connection(port)
    figures = round_of(lambda *asked: ask_ours(connection, *asked), language_seed, count)
    connection.close()
    return figures


def round_of(ask, language_seed, count):
    language = synthetic.Language(language_seed)
    answers = [ask(*language.question(number)) for number in range(count)]
    times = [milliseconds for milliseconds, _ in answers]
    return percentile(times, 0.5), percentile(times, 0.99), sum(total for _, total in answers)


def compare(rounds, count, first_seed, ours, its, row, ratio):
    """One round to warm up, then rounds of new questions; the same ones to both, in turn."""
    for turn in range(rounds + 1):
        mine, other = ours(first_seed + turn, count), its(first_seed + turn, count)
        if turn == 0:
            continue
        row.add(mine[1], other[1], ratio(mine[1], other[1]))
        say(f"  search, round {turn}: ours p50 {mine[0]:.2f} p99 {mine[1]:.2f} ms, {mine[2]:,} found; other p50 {other[0]:.2f} p99 {other[1]:.2f} ms, {other[2]:,} found")


def search(program, folder, sizes):
    """Against PostgreSQL on the smaller catalogue, and against itself on the larger one."""
    over_http = lambda server: partial(round_over_http, server.port)
    small = indexed(program, folder, sizes.records)
    with small:
        against = Row(f"Search with five facets over {sizes.records:,} records, p99, over HTTP; how many times quicker than PostgreSQL full text", "ms", 100)
        try:
            peer = Postgres(folder)
        except Skipped as why:
            against.remark = str(why)
            yield against
        else:
            try:
                language = synthetic.Language(SEED)
                peer.load(language.record(number) for number in range(sizes.records))
                compare(sizes.rounds, sizes.questions, 100, over_http(small), partial(round_of, peer.ask), against, less_is_better)
            finally:
                peer.close()
            yield against
        if not sizes.more_records:
            return
        large = indexed(program, folder, sizes.more_records)
        with large:
            growth = Row(f"The same over {sizes.more_records:,} records, against {sizes.records:,}", "ms", 4, at_most=True)
            compare(sizes.rounds, sizes.questions, 200, over_http(large), over_http(small), growth, more_is_better)
            yield growth
