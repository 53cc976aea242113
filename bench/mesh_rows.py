"""The rows about surfaces: the kernel, the whole way from volume to file, fewer triangles, memory."""
import json
import os
import subprocess
import sys
import time

from servers import say
from table import Row, interleave, less_is_better

LEVEL = 20_000.5
"""Between two integers, so that no vertex falls on a voxel."""


def volume(path, edge, waves=24):
    """A network of struts with some noise, plane by plane: about seven triangles for each hundred voxels at 512."""
    import numpy as np

    random = np.random.default_rng(7)
    directions = random.standard_normal((waves, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    k = (directions * (2 * np.pi * 4 * (0.8 + 0.4 * random.random((waves, 1)))) / edge).astype("f4")
    phase = (random.random(waves) * 2 * np.pi).astype("f4")
    y, x = np.mgrid[0:edge, 0:edge].astype("f4")
    plane = np.exp(1j * (k[:, 1, None, None] * y + k[:, 2, None, None] * x)).astype("c8").reshape(waves, -1)
    with open(path, "wb") as out:
        for z in range(edge):
            turn = np.exp(1j * (k[:, 0] * z + phase)).astype("c8")
            value = (turn @ plane).real.reshape(edge, edge) * np.float32((2 / waves) ** 0.5)
            grey = 20_000 + value * edge * 49 + random.standard_normal((edge, edge), dtype="f4") * 250
            # Nothing lies at the border: ours closes a surface there, and others leave it open.
            if z in (0, edge - 1):
                grey[:] = 0
            grey[[0, -1]] = grey[:, [0, -1]] = 0
            out.write(np.clip(grey, 0, 65_535).astype("u2").tobytes())


def tiled(path, edge, tile=512):
    """A large body of equal cubes whose struts meet at their faces, in 8 bits: written as fast as the disk takes it."""
    import numpy as np

    random = np.random.default_rng(7)
    turns = np.round(random.standard_normal((8, 3)) * 3)  # Whole waves in each tile.
    z, y, x = np.ogrid[0:tile, 0:tile, 0:tile]
    waves = [[np.exp(2j * np.pi / tile * along * place).astype("c8") for along, place in zip(turn, (z, y, x))] for turn in turns]
    with open(path, "wb") as out:
        planes = [
            np.clip(128 + 40 * sum((a[plane] * (b[0] * c[0])).real for a, b, c in waves) + random.standard_normal((tile, tile)), 0, 255).astype("u1")
            for plane in range(tile)
        ]
        for plane in range(edge):
            grey = np.tile(planes[plane % tile], (edge // tile, edge // tile))
            if plane in (0, edge - 1):
                grey[:] = 0
            grey[[0, -1]] = grey[:, [0, -1]] = 0
            out.write(grey.tobytes())


def new(path):
    """Nobody is measured for taking the place of an older file."""
    if os.path.exists(path):
        os.unlink(path)
    return path


def ours(program, *words):
    begun = time.monotonic()
    done = subprocess.run([program, "mesh", *map(str, words), "--json"], check=True, capture_output=True, text=True)
    said = json.loads(done.stdout)
    if not said["watertight"] or not said["manifold"]:
        raise RuntimeError("our surface is not closed and 2-manifold")
    return said | {"whole": time.monotonic() - begun}


def peer(name, *words):
    here = os.path.dirname(os.path.abspath(__file__))
    begun = time.monotonic()
    done = subprocess.run([sys.executable, os.path.join(here, "mesh_peer.py"), name, *map(str, words)], check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1]) | {"whole": time.monotonic() - begun}


def surface(program, folder, sizes):
    edge = sizes.volume_edge
    raw, stl = os.path.join(folder, "volume.raw"), os.path.join(folder, "surface.stl")
    say(f"  a volume of {edge} cubed")
    volume(raw, edge)
    shape = ["--shape", f"{edge},{edge},{edge}", "--dtype", "uint16", "--level", LEVEL]
    kernel = Row(f"Isosurface of {edge}³ 16-bit in memory, against VTK's flying edges on all cores", "s", 2.0)
    whole = Row("The same, whole process from raw file to binary STL", "s", 4.0)
    memory = Row("The same, highest memory as part of VTK's", "MB", 0.8, at_most=True)
    for turn in range(sizes.rounds + 1):
        mine, its = ours(program, raw, new(stl), *shape), peer("vtk", raw, edge, LEVEL, new(stl))
        if abs(mine["triangles"] / its["triangles"] - 1) > 0.05:
            raise RuntimeError(f"{mine['triangles']} triangles against {its['triangles']}")
        if turn == 0:
            continue  # Warming up.
        kernel.add(mine["surface_seconds"], its["kernel"], its["kernel"] / mine["surface_seconds"])
        whole.add(mine["whole"], its["whole"], its["whole"] / mine["whole"])
        peaks = mine["peak_rss_bytes"] / 1e6, its["peak"] / 1e6
        memory.add(*peaks, peaks[0] / peaks[1])
    kernel.remark = f"{mine['triangles']:,} triangles"
    yield from (kernel, whole, memory)
    skimage = Row("From raw file to binary STL, against scikit-image", "s", 12.0)
    interleave(sizes.rounds, skimage, lambda: ours(program, raw, new(stl), *shape)["whole"], lambda: peer("skimage", raw, edge, LEVEL, new(stl))["whole"], less_is_better)
    yield skimage


def simplify(program, folder, sizes):
    edge = sizes.volume_edge
    raw, whole, less = (os.path.join(folder, name) for name in ("volume.raw", "whole.ply", "less.ply"))
    volume(raw, edge)
    shape = ["--shape", f"{edge},{edge},{edge}", "--dtype", "uint16", "--level", LEVEL]
    found = ours(program, raw, whole, *shape)["triangles"]
    wanted = found // 10
    for name, ratio in (("meshoptimizer", 1.5), ("fast-simplification", 3.0)):
        row = Row(f"{found:,} triangles to a tenth, against {name}", "s", ratio)
        interleave(
            sizes.rounds,
            row,
            lambda: ours(program, raw, less, *shape, "--triangles", wanted)["simplify_seconds"],
            lambda: peer(name, whole, wanted, less)["kernel"],
            less_is_better,
            warm_up=False,
        )
        # The same measure for both: the distance of the whole surface's vertices to the simplified one.
        deviation = peer("deviation", whole, less)
        own = ours(program, raw, less, *shape, "--triangles", wanted)["parts"][0]["deviation"]
        row.remark = f"root mean square deviation {own['rms_um']:.3f} voxels, peer {deviation['rms']:.3f}; greatest {own['greatest_um']:.2f} and {deviation['greatest']:.2f}"
        yield row


def surface_memory(program, folder, sizes):
    edge = sizes.large_volume_edge
    raw, zarr = os.path.join(folder, "volume.raw"), os.path.join(folder, "volume.ome.zarr")
    tiled(raw, edge)
    subprocess.run([program, "convert", raw, zarr, "--shape", f"{edge},{edge},{edge}", "--dtype", "uint8"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.unlink(raw)
    said = ours(program, zarr, os.path.join(folder, "surface.stl"), "--triangles", 2_000_000)
    row = Row(f"Highest memory for the surface of {edge}³ at 2,000,000 triangles", "MiB", 1024, at_most=True)
    row.add(said["peak_rss_bytes"] / (1 << 20), None, said["peak_rss_bytes"] / (1 << 20))
    row.remark = f"level {said['pyramid_level']} of the pyramid, {said['seconds']:.1f} s"
    yield row
