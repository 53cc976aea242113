"""The rows about pictures: one shaded frame against VTK's ray caster on the same view, and a whole movie."""
import json
import os
import subprocess
import sys
import time

from mesh_rows import volume
from servers import say
from table import Row

FRAMES = 12
AIR, MARROW, SOFT, BONE = 3_000, 10_500, 12_500, 32_000
SURFACE = 20_000
# Opacity of one voxel and colour over the grey values: soft matter and marrow as a veil, bone solid.
OPACITY = ((0, 0.0), (5_000, 0.0), (12_000, 0.004), (SURFACE, 0.02), (SURFACE * 1.3, 0.6), (65_535, 0.9))
COLOUR = ((0, (0, 0, 0)), (12_000, (0.6, 0.3, 0.25)), (SURFACE, (0.9, 0.8, 0.6)), (45_000, (1, 1, 0.95)), (65_535, (1, 1, 0.95)))
VIEW = ["--elevation", "20", "--zoom", "1.1"]
DIFFERENCE_MAX = 16.0
"""Mean difference of the two pictures where either shows something, of 255."""


def limb(path, edge, waves=28):
    """A bone in soft matter: a wavy hollow shaft with struts and marrow inside, as a scanner sees it, with grain; nothing outside the round."""
    import numpy as np

    random = np.random.default_rng(11)
    directions = random.standard_normal((waves, 3)) * (1, 1, 0.6)
    k = (directions / np.linalg.norm(directions, axis=1, keepdims=True) * (2 * np.pi * 22 * (0.8 + 0.4 * random.random((waves, 1)))) / edge).astype("f4")
    phase = (random.random(waves) * 2 * np.pi).astype("f4")
    y, x = np.mgrid[0:edge, 0:edge].astype("f4")
    plane = np.exp(1j * (k[:, 0, None, None] * x + k[:, 1, None, None] * y)).astype("c8").reshape(waves, -1)
    across, down = (x + 0.5) / (edge / 2) - 1, (y + 0.5) / (edge / 2) - 1
    radius, angle = np.hypot(across / 0.95, down / 0.85), np.arctan2(down, across)
    outside = np.hypot(across, down) > 0.985

    def within(distance):
        """1 inside, 0 outside, over two or three voxels."""
        return np.clip(0.5 + distance * np.float32(edge / 3), 0, 1)

    with open(path, "wb") as out:
        for z in range(edge):
            here = radius + np.float32(0.02) * np.sin(3 * angle + np.float32(4 * np.pi * z / edge)) + np.float32(0.015) * np.cos(7 * angle)
            network = (np.exp(1j * (k[:, 2] * z + phase)).astype("c8") @ plane).real.reshape(edge, edge) * np.float32((2 / waves) ** 0.5)
            struts = np.clip(0.5 + (network - 0.55) * np.float32(edge / 100), 0, 1)
            body, shaft, hollow = within(0.92 - here), within(0.70 - here), within(0.62 - here)
            grey = AIR + (SOFT - AIR) * (body - shaft) + (BONE - AIR) * (shaft - hollow) + hollow * (MARROW - AIR + (BONE - MARROW) * struts)
            grey += random.standard_normal((edge, edge), dtype="f4") * 350
            grey[outside] = 0
            out.write(np.clip(grey, 0, 65_535).astype("u2").tobytes())


def between(points, value):
    """On straight lines between points."""
    for (low, a), (high, b) in zip(points, points[1:]):
        if value <= high:
            part = (value - low) / (high - low)
            return [x + (y - x) * part for x, y in zip(a, b)] if isinstance(a, tuple) else a + (b - a) * part
    return points[-1][1]


def our_points():
    """The same functions, finely divided: between our points extinction is straight, and not opacity."""
    steps = sorted({int(point) for point, _ in OPACITY + COLOUR} | set(range(5_000, 46_000, 200)))
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


def peer(raw, edge, still, turning, picture):
    here = os.path.dirname(os.path.abspath(__file__))
    asked = json.dumps({"opacity": OPACITY, "colour": COLOUR, "still": still, "turning": turning, "frames": FRAMES})
    done = subprocess.run([sys.executable, os.path.join(here, "render_peer.py"), raw, str(edge), picture, asked], check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def difference(one, other):
    """Where either shows something, of 255; and how much of the picture that is, in per cent."""
    import imageio.v3 as imageio
    import numpy as np

    a, b = (imageio.imread(path)[..., :3].astype("f4") for path in (one, other))
    shown = (a.max(2) > 8) | (b.max(2) > 8)
    return float(np.abs(a - b).mean(2)[shown].mean()), 100 * float(shown.mean())


def frame(program, folder, sizes):
    edge = sizes.volume_edge
    raw, movie, still, its = (os.path.join(folder, name) for name in ("limb.raw", "frames.mp4", "ours.png", "its.png"))
    say(f"  a volume of {edge} cubed")
    limb(raw, edge)
    own = ["--points", our_points(), "--no-scale-bar", "--ground", "black", *VIEW]
    row = Row(f"Shaded frame of {edge}³ 16-bit at 1280 × 720, bone in a veil of soft matter, against VTK's fixed-point ray caster on all cores, same view", "s", 8.0)
    place = ours(program, raw, still, edge, *own)["camera"]
    for _ in range(sizes.rounds):
        mine = ours(program, raw, movie, edge, *own, "--frames", str(FRAMES))
        theirs = peer(raw, edge, place, mine["camera"], its)
        row.add(mine["frame_seconds"], theirs["frame"], theirs["frame"] / mine["frame_seconds"])
    apart, lit = difference(still, its)
    if apart > DIFFERENCE_MAX:
        raise RuntimeError(f"the pictures differ by {apart:.1f} of 255 on average")
    row.remark = f"mean difference of the pictures {apart:.1f} of 255, {lit:.0f} % of the picture shows something"
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
