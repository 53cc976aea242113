"""The rows about pictures: one shaded frame against VTK's ray caster on the same view, and a whole movie."""
import json
import os
import subprocess
import sys
import time

from mesh_rows import LEVEL, volume
from servers import say
from table import Row

FRAMES = 12
# Opacity of one voxel and colour over the grey values: faint below the surface, solid above it.
OPACITY = ((0, 0.0), (15_000, 0.0), (18_000, 0.004), (LEVEL, 0.02), (LEVEL * 1.2, 0.6), (65_535, 0.9))
COLOUR = ((0, (0, 0, 0)), (18_000, (0.6, 0.3, 0.25)), (LEVEL, (0.9, 0.8, 0.6)), (30_000, (1, 1, 0.95)), (65_535, (1, 1, 0.95)))
DIFFERENCE_MAX = 25.0
"""Mean difference of the two pictures where either shows something, of 255."""


def between(points, value):
    """On straight lines between points."""
    for (low, a), (high, b) in zip(points, points[1:]):
        if value <= high:
            part = (value - low) / (high - low)
            return [x + (y - x) * part for x, y in zip(a, b)] if isinstance(a, tuple) else a + (b - a) * part
    return points[-1][1]


def our_points():
    """The same functions, finely divided: between our points extinction is straight, and not opacity."""
    steps = sorted({point for point, _ in OPACITY + COLOUR} | set(range(15_000, 30_000, 150)))
    words = []
    for value in steps:
        colour = "".join(f"{round(channel * 255):02x}" for channel in between(COLOUR, value))
        words.append(f"{value}:{between(OPACITY, value):.6f}:{colour}")
    return ",".join(words)


def ours(program, raw, out, edge, *words):
    begun = time.monotonic()
    command = [program, "render", raw, out, "--shape", f"{edge},{edge},{edge}", "--dtype", "uint16", "--size", "1280x720", "--json", *words]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout) | {"whole": time.monotonic() - begun}


def peer(raw, edge, camera, picture):
    here = os.path.dirname(os.path.abspath(__file__))
    asked = json.dumps({"opacity": OPACITY, "colour": COLOUR, "camera": camera, "frames": FRAMES})
    done = subprocess.run([sys.executable, os.path.join(here, "render_peer.py"), raw, str(edge), picture, asked], check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def difference(one, other):
    import imageio.v3 as imageio
    import numpy as np

    a, b = (imageio.imread(path)[..., :3].astype("f4") for path in (one, other))
    shown = (a.max(2) > 8) | (b.max(2) > 8)
    return float(np.abs(a - b).mean(2)[shown].mean())


def frame(program, folder, sizes):
    edge = sizes.volume_edge
    raw, movie, still, its = (os.path.join(folder, name) for name in ("volume.raw", "frames.mp4", "ours.png", "its.png"))
    say(f"  a volume of {edge} cubed")
    volume(raw, edge)
    own = ["--points", our_points(), "--no-scale-bar", "--ground", "black"]
    row = Row(f"Shaded frame of {edge}³ 16-bit at 1280 × 720, against VTK's fixed-point ray caster on all cores, same view", "s", 8.0)
    camera = ours(program, raw, still, edge, *own)["camera"]
    for _ in range(sizes.rounds):
        mine, theirs = ours(program, raw, movie, edge, *own, "--frames", str(FRAMES)), peer(raw, edge, camera, its)
        row.add(mine["frame_seconds"], theirs["frame"], theirs["frame"] / mine["frame_seconds"])
    apart = difference(still, its)
    if apart > DIFFERENCE_MAX:
        raise RuntimeError(f"the pictures differ by {apart:.1f} of 255 on average")
    row.remark = f"mean difference of the pictures {apart:.1f} of 255"
    yield row


def turntable(program, folder, sizes):
    edge = sizes.volume_edge
    raw, movie = os.path.join(folder, "volume.raw"), os.path.join(folder, "turntable.mp4")
    volume(raw, edge)
    said = ours(program, raw, movie, edge, "--ground", "dark", "--title", "Turntable")
    row = Row(f"8-second turntable of {edge}³ at 1280 × 720 with light and shadow, MP4 finished", "s", 60.0, at_most=True)
    row.add(said["whole"], None, said["whole"])
    row.remark = f"{said['frames']} pictures of {said['frame_seconds']:.2f} s, {said['bytes_out'] / 1e6:.1f} MB, highest memory {said['peak_rss_bytes'] / 1e6:.0f} MB"
    yield row
