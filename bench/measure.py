"""Runs the rows that were asked for, one after another, and prints one Markdown table on standard output.

Usage: measure.py PROGRAM [ROW…]; bench/run.sh calls it with the peers installed.
"""
import os
import shutil
import sys
import tempfile
import traceback
from dataclasses import dataclass

import harvest_rows
import look_rows
import mesh_rows
import packed_rows
import render_rows
import search_rows
import serving_rows
import taxa_rows
import volume_rows
import writing_rows
from house import House
from servers import Skipped, say
from table import Row

MIB = 1 << 20


@dataclass
class Sizes:
    rounds: int
    wrk_seconds: int = 5
    slices: int = 256
    slice_edge: int = 512
    large_bytes: int = 1024 * MIB
    volume_edge: int = 512
    large_volume_edge: int = 2048
    zip_files: int = 512
    zip_file_bytes: int = 4 * MIB
    many_files: int = 100_000
    page_requests: int = 300
    records: int = 100_000
    more_records: int = 1_000_000
    questions: int = 300
    long_bytes: int = 20 << 30
    convert_depth: int = 1024
    convert_side: int = 1024
    many_depth: int = 1024
    long_depth: int = 4096
    packed_depth: int = 512
    packed_side: int = 1024
    served_side: int = 1024
    look_depth: int = 512
    taxa: int = 2_000_000
    look_edge: int = 1024


def sizes_of_environment():
    quick = os.environ.get("BENCH_QUICK") == "1"
    rounds = int(os.environ.get("BENCH_ROUNDS", "3" if quick else "5"))
    if not quick:
        return Sizes(rounds)
    return Sizes(rounds, wrk_seconds=2, slices=64, large_bytes=256 * MIB, volume_edge=256, large_volume_edge=512, zip_files=128, page_requests=100, records=20_000, more_records=200_000, questions=150, long_bytes=2 << 30,
                 convert_depth=256, convert_side=512, many_depth=128, long_depth=256, packed_depth=256, packed_side=512, served_side=256,
                 look_depth=128, taxa=200_000)


# Rows that share one server, and rows that need one of their own.
SHARED = {
    "zarr": serving_rows.zarr_chunks,
    "files": serving_rows.small_files,
    "large": serving_rows.large_file,
    "upload": writing_rows.upload,
    "zip": serving_rows.zip_of_record,
    "pages": serving_rows.entry_pages,
    "cuts": volume_rows.cuts_and_slices,
}
ALONE = {
    "many-files": serving_rows.pages_of_many_files,
    "search": search_rows.search,
    "oai": harvest_rows.harvest,
    "taxa": taxa_rows.suggestions,
    "memory": writing_rows.memory,
    "look": look_rows.first_look,
    "surface": mesh_rows.surface,
    "simplify": mesh_rows.simplify,
    "surface-memory": mesh_rows.surface_memory,
    "frame": render_rows.frame,
    "turntable": render_rows.turntable,
    "convert": volume_rows.compare_with_peers,
    "grow": volume_rows.does_not_grow,
    "packed-tiff": packed_rows.tiff,
    "packed-hdf5": packed_rows.hdf5,
}


def run(name, rows):
    """A row that cannot run must not end the comparison; it stands in the table by name."""
    say(f"row {name}")
    done = []
    try:
        for row in rows:
            done.append(row)
    except Skipped as why:
        done.append(Row(name, "", 0, remark=f"skipped: {why}"))
    except Exception as fault:
        traceback.print_exc()
        done.append(Row(name, "", 0, remark=f"failed: {str(fault).splitlines()[0][:200] if str(fault) else type(fault).__name__}"))
    for row in done:
        say(row.line())
    return done


def print_table(rows, program, sizes):
    print("| what | ours | peer | ratio: median (min..max) | wanted | met? |")
    print("|---|---|---|---|---|---|")
    for row in rows:
        print(row.line())
    load = os.getloadavg()
    print(f"\n{os.cpu_count()} processors, load average {load[0]:.1f} {load[1]:.1f} {load[2]:.1f} at the end, {sizes.rounds} rounds"
          f"{', small sizes (BENCH_QUICK)' if os.environ.get('BENCH_QUICK') == '1' else ''}; {os.path.basename(program)} of {os.path.getsize(program) >> 20} MiB", flush=True)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    program, wanted = os.path.abspath(sys.argv[1]), sys.argv[2:] or [*SHARED, *ALONE]
    unknown = [name for name in wanted if name not in SHARED and name not in ALONE]
    if unknown:
        sys.exit(f"no row is called {', '.join(unknown)}; there are {', '.join([*SHARED, *ALONE])}")
    sizes = sizes_of_environment()
    folder = tempfile.mkdtemp(prefix="science3d-bench-", dir=os.environ.get("BENCH_WORK"))
    os.chmod(folder, 0o755)  # PostgreSQL runs as another user and must reach its cluster below.
    house = House(program, folder)
    rows = []
    try:
        for name in wanted:
            if name in SHARED:
                rows += run(name, SHARED[name](house, sizes))
            else:
                place = os.path.join(folder, name)
                os.makedirs(place)
                rows += run(name, ALONE[name](program, place, sizes))
                shutil.rmtree(place, ignore_errors=True)
    finally:
        house.close()
        if os.environ.get("BENCH_KEEP") == "1":
            say(f"kept: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print_table(rows, program, sizes)
    # Figures of a shared machine are for reading; only what could not be measured at all is a failure.
    if any(row.remark.startswith("failed") for row in rows):
        sys.exit(1)


if __name__ == "__main__":
    main()
