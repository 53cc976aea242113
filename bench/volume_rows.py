"""The rows about volumes: slices to OME-Zarr against other converters and against what the machine allows; cuts and slices over HTTP."""
import ctypes
import ctypes.util
import math
import os
import shutil
import subprocess
import sys
import time
import zlib
from concurrent.futures import ProcessPoolExecutor

import numpy
import tifffile

import synthetic
from client import Connection
from servers import Skipped, say
from table import Row

PEERS = ["ome-zarr-pyramid", "tensorstore", "acquire-zarr", "zarr-python+zarrs"]
SAME_CODEC = "blosc-zstd-3-bitshuffle"
LEVELS = 5
HERE = os.path.dirname(os.path.abspath(__file__))
AIR, TISSUE, BONE, NOISE = 3_000, 12_000, 32_000, 350.0


def write_slices(folder, depth, side):
    """Bone in soft tissue inside a round field of view, nothing outside of it, 16 bits, with a scanner's noise."""
    os.makedirs(folder)
    random = numpy.random.default_rng(7)
    y, x = numpy.mgrid[0:side, 0:side].astype(numpy.float32) * (2.0 / side) - 1.0
    radius = numpy.hypot(y, x)
    grain = random.standard_normal((side, side), dtype=numpy.float32) * NOISE
    for z in range(depth):
        height = z * 2.0 / side
        wave = numpy.cos(31 * x + 9 * height) + numpy.cos(29 * y - 7 * height) + numpy.cos(17 * (x + y) + 23 * height)
        grey = numpy.where(radius > 0.85, AIR, numpy.where(wave > 0.9, BONE, TISSUE)).astype(numpy.float32)
        # The same noise never lies over the same place twice.
        grey += numpy.roll(grain, (37 * z % side, 101 * z % side), (0, 1))
        plane = numpy.where(radius > 0.985, 0, numpy.clip(grey, 0, 65_535)).astype(numpy.uint16)
        tifffile.imwrite(os.path.join(folder, f"slice_{z:05}.tif"), plane)
    return depth * side * side * 2


def apart(work, *given):
    """In a process of its own: Linux counts what the starter of a program holds as the program's highest memory."""
    with ProcessPoolExecutor(1) as alone:
        return alone.submit(work, *given).result()


class NotInstalled(Exception):
    pass


class Ran:
    """One process: seconds on the clock, seconds of processors, highest memory, bytes it left."""

    def __init__(self, command, out):
        shutil.rmtree(out, ignore_errors=True)
        os.sync()
        begun = time.monotonic()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        printed, said = process.stdout.read(), process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        self.seconds = time.monotonic() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode == 3:
            raise NotInstalled(said.decode(errors="replace").strip()[-200:])
        if process.returncode != 0:
            raise RuntimeError(f"{' '.join(command[:3])}: {said.decode(errors='replace')[-500:]}")
        self.printed = printed.decode(errors="replace")
        self.cpu_seconds = used.ru_utime + used.ru_stime
        self.peak_bytes = used.ru_maxrss * 1024
        self.bytes_out = sum(os.path.getsize(os.path.join(where, name)) for where, _, names in os.walk(out) for name in names)


def convert(program, slices, out, *options):
    return Ran([program, "convert", slices, out, "--levels", str(LEVELS), "--json", *options], out)


def peer(name, source, out):
    """What a peer took, without the time in which Python loaded its libraries."""
    ran = Ran([sys.executable, os.path.join(HERE, "convert_peer.py"), name, source, out, str(LEVELS)], out)
    ran.seconds = float(ran.printed.split()[-1])
    return ran


def run_peers(names, source, out, absent):
    """Those that came to the end; why another did not is kept in `absent` and said in the table."""
    ran = {}
    for name in names:
        if name in absent:
            continue
        try:
            ran[name] = peer(name, source, out)
        except NotInstalled:
            absent[name] = "not installed"
        except RuntimeError as fault:
            say(f"  {name} failed: {fault}")
            absent[name] = "failed"
    if not ran:
        raise Skipped("no other converter came to the end: " + ", ".join(f"{name} {why}" for name, why in absent.items()))
    return ran


def compare_with_peers(program, folder, sizes):
    slices = os.path.join(folder, "slices")
    total = apart(write_slices, slices, sizes.convert_depth, sizes.convert_side) / 1e9
    out = os.path.join(folder, "out.ome.zarr")
    shape = f"{sizes.convert_depth} slices of {sizes.convert_side}² 16-bit voxels as TIFF to OME-Zarr, chunks 64, shards 256, {LEVELS} levels"
    same = Row(f"{shape}, {SAME_CODEC}: against the quickest peer", "MB/s", 1.5)
    default = Row(f"{shape}, ours as it comes: against the quickest peer", "MB/s", 2.5)
    smaller = Row("Bytes written, ours as it comes: against the smallest of the peers", "MB", 1.0, at_most=True)
    lean = Row("Highest memory of that conversion: against the leanest peer", "MB", 0.5, at_most=True)
    roof = Row("Processor seconds per GB, ours as it comes: against read, gather, hash, compress and write alone", "s/GB", 1.25, at_most=True)
    absent = {}
    for turn in range(sizes.rounds):
        ours_same = convert(program, slices, out, "--codec", SAME_CODEC)
        ours = convert(program, slices, out)
        peers = run_peers(PEERS, slices, out, absent)
        quickest = min(peers, key=lambda peer: peers[peer].seconds)
        speed = lambda ran: total * 1e3 / ran.seconds
        same.add(speed(ours_same), speed(peers[quickest]), peers[quickest].seconds / ours_same.seconds)
        default.add(speed(ours), speed(peers[quickest]), peers[quickest].seconds / ours.seconds)
        least = min(ran.bytes_out for ran in peers.values())
        smaller.add(ours.bytes_out / 1e6, least / 1e6, ours.bytes_out / least)
        leanest = min(ran.peak_bytes for ran in peers.values())
        lean.add(ours.peak_bytes / 1e6, leanest / 1e6, ours.peak_bytes / leanest)
        ceiling = apart(roofline, slices, folder)
        roof.add(ours.cpu_seconds / total, ceiling, ours.cpu_seconds / total / ceiling)
        same.remark = f"quickest: {quickest}; per processor second {min(ran.cpu_seconds for ran in peers.values()) / ours_same.cpu_seconds:.2f} ×"
        default.remark = f"per processor second {min(ran.cpu_seconds for ran in peers.values()) / ours.cpu_seconds:.2f} ×"
        say(f"  round {turn + 1}: ours {ours_same.seconds:.1f} s and {ours.seconds:.1f} s; " + ", ".join(f"{peer} {ran.seconds:.1f} s" for peer, ran in peers.items()))
    same.remark += "".join(f"; {name} {why}" for name, why in sorted(absent.items()))
    yield from (same, default, smaller, lean, roof)
    two = Row("Two threads against one, ours as it comes", "MB/s", 1.8)
    for _ in range(sizes.rounds if (os.cpu_count() or 1) > 1 else 0):
        both, single = (convert(program, slices, out, "--threads", threads) for threads in ("2", "1"))
        two.add(total * 1e3 / both.seconds, total * 1e3 / single.seconds, single.seconds / both.seconds)
    if two.ratios:
        two.remark = "two processes at once do " + ", ".join(f"{machine_scaling(work):.2f} × the {name} of one" for name, work in SCALED.items()) + " here"
    yield two
    shutil.rmtree(slices)
    shutil.rmtree(out)


def calculate():
    total = 0
    for number in range(3_000_000):
        total += number * number


def copy_memory():
    source, target = numpy.ones(1 << 26, numpy.uint8), numpy.zeros(1 << 26, numpy.uint8)
    for _ in range(60):
        target[:] = source


SCALED = {"calculating": calculate, "copying": copy_memory}


def machine_scaling(work):
    """What two processes get done in the time of one that is alone: no converter can use the machine better."""
    def seconds(count):
        with ProcessPoolExecutor(count) as pool:
            list(pool.map(clock, [work] * count))
            return max(pool.map(clock, [work] * count))
    return sorted(2 * seconds(1) / seconds(2) for _ in range(3))[1]


def clock(work):
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


def does_not_grow(program, folder, sizes):
    """More slices cost as much per byte, and no more memory."""
    memory = Row(f"Highest memory, {4 * sizes.many_depth} slices against {sizes.many_depth}", "MB", 1.05, at_most=True)
    pace = Row(f"Seconds per GB, {sizes.long_depth} slices of 1024² against {max(1, sizes.long_depth // 32)}", "s/GB", 1.1, at_most=True)
    out = os.path.join(folder, "out.ome.zarr")

    def run(depth, side):
        slices = os.path.join(folder, f"slices-{depth}-{side}")
        total = apart(write_slices, slices, depth, side) / 1e9
        ran = convert(program, slices, out)
        shutil.rmtree(slices)
        return ran, total

    (many, _), (few, _) = run(4 * sizes.many_depth, 512), run(sizes.many_depth, 512)
    memory.add(many.peak_bytes / 1e6, few.peak_bytes / 1e6, many.peak_bytes / few.peak_bytes)
    yield memory
    (long, long_total), (short, short_total) = run(sizes.long_depth, 1024), run(max(1, sizes.long_depth // 32), 1024)
    pace.add(long.seconds / long_total, short.seconds / short_total, long.seconds / long_total / (short.seconds / short_total))
    yield pace


def roofline(slices, folder):
    """Processor seconds per GB of input that the unavoidable steps take by themselves, on some of the slices."""
    names = sorted(os.listdir(slices))[: 64 * 4]
    spent = {}

    def timed(step, work):
        begun = time.process_time()
        done = work()
        spent[step] = time.process_time() - begun
        return done

    def read():
        block = numpy.empty((len(names), os.path.getsize(os.path.join(slices, names[0]))), numpy.uint8)
        for row, name in zip(block, names):
            with open(os.path.join(slices, name), "rb", buffering=0) as file:
                file.readinto(row)
        return block

    timed("read", read)
    voxels = tifffile.imread([os.path.join(slices, name) for name in names])
    side = voxels.shape[1] // 64 * 64
    places = [(z, y, x) for z in range(0, voxels.shape[0] // 64 * 64, 64) for y in range(0, side, 64) for x in range(0, side, 64)]
    cut = lambda place: numpy.ascontiguousarray(voxels[place[0] : place[0] + 64, place[1] : place[1] + 64, place[2] : place[2] + 64])
    chunks = timed("gather", lambda: [cut(place) for place in places])
    plain = sum(chunk.nbytes for chunk in chunks) / 1e9
    timed("hash", lambda: [zlib.crc32(chunk) for chunk in chunks])
    planes = [numpy.ascontiguousarray(chunk.reshape(-1).view(numpy.uint8).reshape(-1, 2).T) for chunk in chunks if chunk.any()]
    packed = timed("compress", lambda: huffman_only(planes))

    def write():
        with open(os.path.join(folder, "roofline.bin"), "wb", buffering=0) as file:
            for part in packed:
                file.write(part)

    timed("write", write)
    os.unlink(os.path.join(folder, "roofline.bin"))
    more = 8 / 7
    return (spent["read"] + spent["gather"] + spent["hash"] + more * (spent["compress"] + spent["write"])) / plain


def huffman_only(planes):
    """zstd without any search for matches, literals Huffman-coded: the cheapest that pays on grey values."""
    found = ctypes.util.find_library("zstd")
    if not found:
        raise Skipped("libzstd is not installed, so the roofline cannot be measured")
    zstd = ctypes.CDLL(found)
    zstd.ZSTD_createCCtx.restype = ctypes.c_void_p
    zstd.ZSTD_compress2.restype = ctypes.c_size_t
    zstd.ZSTD_compress2.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p, ctypes.c_size_t]
    zstd.ZSTD_CCtx_setParameter.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
    context = zstd.ZSTD_createCCtx()
    zstd.ZSTD_CCtx_setParameter(context, 100, -100)
    zstd.ZSTD_CCtx_setParameter(context, 1002, 1)
    room = numpy.empty(1 << 21, numpy.uint8)
    packed = []
    for pair in planes:
        for plane in pair:
            length = zstd.ZSTD_compress2(context, room.ctypes.data, room.nbytes, plane.ctypes.data, plane.nbytes)
            packed.append(memoryview(room[: min(length, plane.nbytes)]))
    return packed


def percentile(values, part):
    return sorted(values)[min(len(values) - 1, math.ceil(part * len(values)) - 1)]


def cuts_and_slices(house, sizes):
    """Boxes and pictures of one volume over HTTP, in random order, so that no answer was kept."""
    server, api = house.open()
    side = sizes.served_side
    folder = os.path.join(house.folder, "served")
    write_slices(folder, side, side)
    record = api.draft("tomography-materials", synthetic.dataset("A volume to cut"))
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        api.put_file(record, f"slices/{name}", path, os.path.getsize(path), 64 << 20)
    shutil.rmtree(folder)
    api.wait_for_labour(record)
    random = numpy.random.default_rng(3)
    connection = Connection(server.port)

    def ask(address):
        begun = time.monotonic()
        status, _, body = connection.ask("GET", address, api.authorization)
        if status != 200:
            raise RuntimeError(f"{address}: {status} {body[:300]}")
        return (time.monotonic() - begun) * 1e3

    def box():
        starts = random.integers(0, side - 64, 3)
        return ",".join(f"{start}:{start + 64}" for start in starts)

    cut = Row(f"A box of 64³ of a volume of {side}³ over HTTP, p99", "ms", 20, at_most=True)
    times = [ask(f"/records/{record}/volumes/volume/cut?box={box()}&format=raw") for _ in range(sizes.page_requests)]
    cut.add(percentile(times, 0.99), None, percentile(times, 0.99))
    cut.remark = f"p50 {percentile(times, 0.5):.1f} ms"
    yield cut
    slice_ = Row(f"A slice of {side}² as WebP over HTTP, p99", "ms", 40, at_most=True)
    indexes = random.permutation(side)[: sizes.page_requests]
    times = [ask(f"/records/{record}/volumes/volume/slice?axis=z&index={index}&level=0&window=0,40000&format=webp") for index in indexes]
    slice_.add(percentile(times, 0.99), None, percentile(times, 0.99))
    slice_.remark = f"p50 {percentile(times, 0.5):.1f} ms"
    yield slice_
