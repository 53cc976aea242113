"""The rows about reading: Zarr chunks, plain files, one large file, a ZIP, entry pages."""
import os
import random
import statistics
import subprocess
import sys
import time
import urllib.parse

import synthetic
from client import Connection, download_seconds, get, wrk
from servers import HERE, cpu_seconds_of
from table import ProcessorTime, Row, interleave, more_is_better

CHUNK_BYTES = 100_000
PATHS_MAX = 400


def compare_answers(house, path_ours, path_peer, headers=None):
    """Before anything is timed: both serve the same bytes."""
    ours = get(house.open()[0].port, path_ours, headers)
    peer = get(house.nginx().port, path_peer, headers)
    if ours[0] not in (200, 206) or ours[0] != peer[0] or ours[2] != peer[2]:
        raise RuntimeError(f"{path_ours}: {ours[0]} with {len(ours[2])} bytes, nginx {peer[0]} with {len(peer[2])}")


def requests_per_second(house, sizes, row, wishes_ours, wishes_peer):
    server, peer = house.open()[0], house.nginx()
    cpu = ProcessorTime()

    def run(which, wishes):
        figures = wrk(which, wishes, house.folder, sizes.wrk_seconds)
        cpu.add(1 / figures["per_cpu_second"])
        return figures["per_second"]

    interleave(sizes.rounds, row, lambda: run(server, wishes_ours), lambda: run(peer, wishes_peer), more_is_better)
    row.remark = cpu.remark()
    return row


def zarr_chunks(house, sizes):
    """A synthetic stack is deposited, converted by the worker and released; both servers send the same stored objects."""
    server, api = house.open()
    record = api.draft("tomography-materials", synthetic.dataset("A stack to serve chunks of"))
    for number in range(sizes.slices):
        api.put_small(record, f"slices/slice_{number:04d}.tif", synthetic.tiff_slice(sizes.slice_edge, number))
    api.release(record)
    api.wait_for_labour(record, may_fail=())
    url, folder = volume_of(house, api, record)
    objects = chunk_objects(os.path.join(house.folder, folder))
    dice = random.Random(7)
    picked = []
    while len(picked) < PATHS_MAX:
        key, length = dice.choice(objects)
        first = dice.randrange(max(1, length - CHUNK_BYTES))
        picked.append((key, f"{first}-{min(length, first + CHUNK_BYTES) - 1}"))
    key, span = picked[0]
    compare_answers(house, f"{url}/{key}", f"/{folder}/{key}", {"Range": f"bytes={span}"})
    row = Row("Zarr chunks: 100 kB ranges of the shards of one volume, against nginx on the same files", "/s", 0.9)
    ours = [(f"{url}/{key}", span) for key, span in picked]
    yield requests_per_second(house, sizes, row, ours, [(f"/{folder}/{key}", span) for key, span in picked])


def volume_of(house, api, record):
    """The address of the volume and its folder among the stored files."""
    derivatives = api.json("GET", f"/api/v1/records/{record}").get("derivatives") or []
    volume = next((item for item in derivatives if item["kind"] == "volume"), None)
    if not volume:
        raise RuntimeError(f"record {record} has no volume")
    url = urllib.parse.urlsplit(volume["url"]).path.rstrip("/")
    return url, house.stored("/" + url.rsplit("/", 1)[1])


def chunk_objects(folder):
    """Keys of the objects of the finest level, large enough for a range of 100 kB."""
    found = []
    for where, _, files in os.walk(folder):
        for name in files:
            path = os.path.join(where, name)
            if not name.endswith(".json") and os.path.getsize(path) >= CHUNK_BYTES:
                found.append((os.path.relpath(path, folder), os.path.getsize(path)))
    if not found:
        raise RuntimeError(f"no object in {folder} is as large as {CHUNK_BYTES} bytes")
    return sorted(found)


def small_files(house, sizes):
    """Whole files of 100 kB, many different ones."""
    _, api = house.open()
    record = api.draft("tomography-materials", synthetic.dataset("Many small files"))
    for number in range(PATHS_MAX):
        api.put_small(record, f"small/{number:04d}.bin", os.urandom(CHUNK_BYTES))
    api.release(record)
    api.wait_for_labour(record)
    folder = os.path.dirname(house.stored("small/0000.bin"))
    names = [f"{number:04d}.bin" for number in range(PATHS_MAX)]
    compare_answers(house, f"/records/{record}/files/small/{names[0]}", f"/{folder}/{names[0]}")
    row = Row("Files of 100 kB, whole, against nginx on the same files", "/s", 0.9)
    ours = [(f"/records/{record}/files/small/{name}", None) for name in names]
    yield requests_per_second(house, sizes, row, ours, [(f"/{folder}/{name}", None) for name in names])


def large_file(house, sizes):
    """One client reads one long file; its own share of the work is thrown away in the kernel."""
    server, api = house.open()
    source = synthetic.random_file(os.path.join(house.folder, "large.bin"), sizes.large_bytes)
    record = api.draft("tomography-materials", synthetic.dataset("One large file"))
    api.put_file(record, "large-original.bin", source, sizes.large_bytes)
    os.unlink(source)
    api.release(record)
    api.wait_for_labour(record)
    path_ours, path_peer = f"/records/{record}/files/large-original.bin", "/" + house.stored("/large-original.bin")
    compare_answers(house, path_ours, path_peer, {"Range": "bytes=4096-1004095"})
    cpu = ProcessorTime()

    def speed(which, path):
        with cpu.of(which):
            return sizes.large_bytes / 1e6 / download_seconds(which.port, path, sizes.large_bytes, copy=False)

    row = Row(f"One file of {sizes.large_bytes >> 20} MiB, against nginx on the same file", "MB/s", 1.0)
    interleave(max(5, sizes.rounds), row, lambda: speed(server, path_ours), lambda: speed(house.nginx(), path_peer), more_is_better)
    row.remark = cpu.remark()
    yield row


def zip_of_record(house, sizes):
    """Ours over HTTP, the peer into a pipe; the same reader copies every byte out of socket and pipe."""
    server, api = house.open()
    record = api.draft("tomography-materials", synthetic.dataset("A record to download whole"))
    source = os.path.join(house.folder, "part.bin")
    for number in range(sizes.zip_files):
        synthetic.random_file(source, sizes.zip_file_bytes)  # The store keeps equal files once, so each is another.
        api.put_file(record, f"parts/part_{number:04d}.bin", source, sizes.zip_file_bytes)
    os.unlink(source)
    api.release(record)
    api.wait_for_labour(record)
    total = sizes.zip_files * sizes.zip_file_bytes
    folder = os.path.join(house.folder, "parts")
    os.makedirs(folder)
    for number in range(sizes.zip_files):  # The store may hold them in several versions' folders; the peer wants one.
        name = f"part_{number:04d}.bin"
        os.link(os.path.join(house.folder, house.stored(f"parts/{name}")), os.path.join(folder, name))
    path = f"/records/{record}/archive.zip"
    check_zip(server.port, path, total)
    row = Row(f"ZIP of a record of {total >> 20} MiB in {sizes.zip_files} files over HTTP, against zipstream-ng into a pipe", "MB/s", 1.1)
    cpu = ProcessorTime()

    def ours():
        with cpu.of(server):
            return total / 1e6 / download_seconds(server.port, path, total)

    interleave(sizes.rounds, row, ours, lambda: total / 1e6 / zipstream_seconds(folder, total, cpu), more_is_better)
    row.remark = cpu.remark()
    yield row


def check_zip(port, path, total):
    """The length is announced, and the end can be asked for alone."""
    connection = Connection(port)
    status, headers, _ = connection.ask("HEAD", path)
    length = int(headers.get("content-length", 0))
    if status != 200 or length <= total:
        raise RuntimeError(f"HEAD {path}: {status}, length {length}")
    status, _, tail = connection.ask("GET", path, {"Range": f"bytes={length - 65557}-{length - 1}"})
    connection.close()
    if status != 206 or b"PK\x05\x06" not in tail:
        raise RuntimeError(f"{path} does not end like a ZIP: {status}")


def zipstream_seconds(folder, total, cpu):
    peer = subprocess.Popen([sys.executable, os.path.join(HERE, "zip_peer.py"), folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if peer.stderr.readline().strip() != b"ready":
        raise RuntimeError(f"zipstream-ng: {peer.stderr.read().decode(errors='replace')}")
    started = cpu_seconds_of(peer.pid)
    begun = time.monotonic()
    peer.stdin.write(b"\n")
    peer.stdin.flush()
    buffer, got = bytearray(1 << 20), 0
    while count := peer.stdout.raw.readinto(buffer):
        got += count
    seconds = time.monotonic() - begun
    _, status, used = os.wait4(peer.pid, 0)
    peer.returncode = os.waitstatus_to_exitcode(status)
    if peer.returncode != 0 or got <= total:
        raise RuntimeError(f"zipstream-ng ended with {peer.returncode} after {got} bytes")
    cpu.add(used.ru_utime + used.ru_stime - started)
    return seconds


def entry_pages(house, sizes):
    """The page as strangers get it, against nginx with the same HTML as a file."""
    server, api = house.open()
    record = api.draft("tomography-materials", synthetic.dataset("A page to look at"))
    for number in range(10):
        api.put_small(record, f"page/{number}.bin", os.urandom(1000))
    api.release(record)
    api.wait_for_labour(record)
    path = f"/records/{record}"
    status, _, html = get(server.port, path)
    if status != 200 or b"A page to look at" not in html:
        raise RuntimeError(f"GET {path}: {status}")
    with open(os.path.join(house.folder, "page.html"), "wb") as out:
        out.write(html)
    row = Row(f"Entry pages per second ({len(html) >> 10} KiB of HTML), against nginx serving the same HTML as a file", "/s", 0.3)
    yield requests_per_second(house, sizes, row, [(path, None)], [("/page.html", None)])
    fresh = wrk(server, [(f"{path}?lang=en", None)], house.folder, sizes.wrk_seconds)
    row.remark += f"; rendered anew for each request {fresh['per_second']:.0f}/s"


def page_milliseconds(port, path, count):
    connection, times = Connection(port), []
    for _ in range(count):
        begun = time.perf_counter()
        status, _, _ = connection.ask("GET", path)
        times.append((time.perf_counter() - begun) * 1000)
        if status != 200:
            raise RuntimeError(f"GET {path}: {status}")
    connection.close()
    return statistics.median(times)


def pages_of_many_files(program, folder, sizes):
    """p50 of the page of a record of very many files over that of one of ten; rendered anew each time, past the page cache."""
    from house import command, science3d
    data = os.path.join(folder, "many")
    command(program, "migrate", "--data", data)
    catalogue = synthetic.Catalogue(data)
    many, few = synthetic.id_of(1), synthetic.id_of(2)
    moment = synthetic.time_of(synthetic.FIRST_DAY_MS)
    catalogue.add(synthetic.document(record, "tomography-materials", synthetic.dataset("Files"), moment) for record in (many, few))
    catalogue.add_files(many, sizes.many_files)
    catalogue.add_files(few, 10, in_folders=False)
    catalogue.close()
    with science3d(program, data, os.path.join(folder, "many.log")) as server:
        html = get(server.port, f"/records/{many}")[2].decode()
        if "slices-0000" not in html or "slices-0099" in html:
            raise RuntimeError("the page does not show the first folders of the record, and only those")
        for way, query in (("as strangers get it", ""), ("rendered anew", "?lang=en")):
            row = Row(f"Entry page of a record of {sizes.many_files:,} files ({way}), against that of 10 files", "ms", 1.2, at_most=True)
            ask = lambda record, query=query: page_milliseconds(server.port, f"/records/{record}{query}", sizes.page_requests)
            interleave(max(5, sizes.rounds), row, lambda: ask(many), lambda: ask(few), more_is_better)
            yield row
