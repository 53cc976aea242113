"""The row about being harvested: Sickle, a harvester not made here, fetches every record as oai_dc; its parsing is on the clock."""
import re
import time

from client import get
from search_rows import indexed
from servers import Skipped, say
from table import Row

WANTED_PER_SECOND = 2000


def harvest(program, folder, sizes):
    try:
        from sickle import Sickle
    except ImportError as absent:
        raise Skipped(f"no sickle ({absent})")
    server = indexed(program, folder, sizes.records)
    try:
        wait_for_roll(server, sizes.records)
        row = Row(f"Harvest of {sizes.records:,} records as oai_dc by Sickle, records a second, against the limit", "", 1)
        for _ in range(min(sizes.rounds, 3)):
            begun = time.perf_counter()
            found = [record.header.identifier for record in Sickle(f"http://127.0.0.1:{server.port}/oai").ListRecords(metadataPrefix="oai_dc")]
            rate = len(found) / (time.perf_counter() - begun)
            if len(found) != sizes.records or len(set(found)) != sizes.records:
                raise RuntimeError(f"{len(found)} records came, {len(set(found))} different ones, of {sizes.records}")
            row.add(rate, WANTED_PER_SECOND, rate / WANTED_PER_SECOND)
        row.remark = f"each once; resident {server.resident_bytes()[0] / 1e6:.0f} MB"
        yield row
    finally:
        server.stop()


def wait_for_roll(server, count):
    """The roll follows the event log, as the search index does."""
    begun = time.monotonic()
    while time.monotonic() - begun < 1800:
        status, _, answer = get(server.port, "/oai?verb=ListIdentifiers&metadataPrefix=oai_dc")
        size = re.search(rb'completeListSize="(\d+)"', answer)
        if status == 200 and size and int(size.group(1)) >= count:
            say(f"  on the roll in {time.monotonic() - begun:.0f} s")
            return
        time.sleep(1)
    raise RuntimeError("the roll does not become complete")
