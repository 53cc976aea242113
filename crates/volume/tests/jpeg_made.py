"""Writes pictures as JPEG, and pictures inside of TIFF, as imagecodecs (with the Independent JPEG Group's sums) and tifffile make them,
into the folder that is given; prints what each must read as: file, and the type and checksum of each channel, or a word of the refusal."""
import hashlib
import json
import os
import shutil
import subprocess
import sys

import imagecodecs
import numpy as np
import tifffile

FOLDER = sys.argv[1]
CASES = []
CHANCE = np.random.default_rng(20)


def case(name, truth=None, refused=None):
    sums = []
    if truth is not None:
        channels = [truth] if truth.ndim == 2 else [truth[..., number] for number in range(truth.shape[-1])]
        sums = [hashlib.sha256(np.ascontiguousarray(channel).tobytes()).hexdigest() for channel in channels]
    dtype = "" if truth is None else str(truth.dtype)
    CASES.append({"file": name, "dtype": dtype, "sha256": sums, "refused": refused})


def save(name, data, truth=None, **told):
    with open(os.path.join(FOLDER, name), "wb") as file:
        file.write(data)
    case(name, truth, **told)


def picture(height, width, channels, kind, top=256):
    y, x = np.mgrid[0:height, 0:width]
    planes = []
    for number in range(channels):
        if kind == "smooth":
            plane = (np.sin(x / (7 + number)) * np.cos(y / (9 - number)) * 0.45 + 0.5) * top
        elif kind == "noise":
            plane = CHANCE.integers(0, top, (height, width))
        else:
            plane = CHANCE.integers(0, 2, (height, width)) * (top - 1)
        planes.append(np.clip(plane, 0, top - 1))
    pixels = np.stack(planes, -1).astype("uint8" if top == 256 else "uint16")
    return pixels[..., 0] if channels == 1 else pixels


def jpegs():
    number = 0
    for height, width in [(1, 1), (3, 5), (8, 8), (17, 16), (31, 47), (2, 70), (70, 4)]:
        for kind in ["smooth", "noise", "hard"]:
            for level in [5, 75, 97]:
                for fineness in [None, "444", "422", "420", "440", "411"]:
                    for bits in [8, 12]:
                        if CHANCE.integers(0, 4) > 0:
                            continue
                        pixels = picture(height, width, 1 if fineness is None else 3, kind, 1 << bits)
                        more = {} if fineness is None else {"subsampling": fineness}
                        if bits == 12:
                            more |= {"bitspersample": 12, "lossless": False}
                        data = imagecodecs.jpeg8_encode(pixels, level=level, **more)
                        save(f"{number}.jpg", data, imagecodecs.jpeg8_decode(data))
                        number += 1
            for bits in [8, 10, 16]:
                pixels = picture(height, width, 1 + 2 * (number % 2), kind, 1 << bits)
                data = imagecodecs.jpeg8_encode(pixels, lossless=True, bitspersample=bits, predictor=number % 7 + 1)
                save(f"{number}.jpg", data, pixels)
                number += 1
            number = passes(number, picture(height, width, 3, kind))


PASSES = """0 1 2: 0 0 0 1;
0: 1 5 0 2;
2: 1 63 0 1;
1: 1 63 0 1;
0: 6 63 0 2;
0: 1 63 2 1;
0 1 2: 0 0 1 0;
2: 1 63 1 0;
1: 1 63 1 0;
0: 1 63 1 0;
"""


def passes(number, pixels):
    """Progressive pictures and several scans, where the library's own program is there."""
    if shutil.which("cjpeg") is None:
        return number
    plain, script = os.path.join(FOLDER, "plain.ppm"), os.path.join(FOLDER, "script")
    with open(plain, "wb") as file:
        file.write(b"P6 %d %d 255\n" % (pixels.shape[1], pixels.shape[0]) + pixels.tobytes())
    for words in [PASSES, "0;\n2;\n1;\n"]:
        with open(script, "w") as file:
            file.write(words)
        for fineness in ["1x1", "2x2", "1x2,2x2,1x1"]:
            how = ["-quality", "80", "-restart", "2B", "-sample", fineness, "-scans", script, plain]
            data = subprocess.run(["cjpeg", *how], capture_output=True, check=True).stdout
            save(f"{number}.jpg", data, imagecodecs.jpeg8_decode(data))
            number += 1
    return number


def tiffs():
    colour = picture(83, 111, 3, "smooth")
    wide = picture(83, 111, 1, "noise", 65536)

    def tiff(name, pixels, exact=None, **how):
        path = os.path.join(FOLDER, name)
        tifffile.imwrite(path, pixels, metadata=None, **how)
        case(name, tifffile.imread(path) if exact is None else exact)

    for fineness in [(1, 1), (2, 1), (2, 2)]:
        for tile in [None, (32, 48)]:
            how = {"tile": tile} if tile else {"rowsperstrip": 16}
            name = f"ycbcr_{fineness[0]}{fineness[1]}_{'tiles' if tile else 'strips'}.tif"
            tiff(name, colour, photometric="rgb", compression="jpeg", subsampling=fineness, **how)
    tiff("jpeg_planes.tif", np.moveaxis(colour, -1, 0), exact=planes_after_jpeg(colour), photometric="rgb", planarconfig="separate", compression="jpeg", rowsperstrip=83)
    tiff("j2k_rgb.tif", colour, exact=colour, photometric="rgb", compression="jpeg2000", compressionargs={"level": 0, "reversible": True}, tile=(32, 48))
    tiff("j2k_grey16.tif", wide, exact=wide, photometric="minisblack", compression="jpeg2000", compressionargs={"level": 0, "reversible": True})
    tiff("png_rgb.tif", colour, exact=colour, photometric="rgb", compression="png", tile=(32, 48))
    # Pictures have an order of bytes of their own.
    path = os.path.join(FOLDER, "png_grey16.tif")
    how = {"shape": wide.shape, "dtype": "uint16", "photometric": "minisblack", "rowsperstrip": 83, "metadata": None}
    tifffile.imwrite(path, iter([imagecodecs.png_encode(wide)]), byteorder=">", compression="png", **how)
    case("png_grey16.tif", wide)
    tiff("webp.tif", colour, exact=colour, photometric="rgb", compression="webp", compressionargs={"lossless": True}, tile=(32, 48))
    streams("aperio_rgb.tif", colour, 33005)
    streams("aperio_ycbcr.tif", colour, 33003)
    with_tables(colour)
    # Brightness and colours without a compression that knows of them.
    path = os.path.join(FOLDER, "plain_ycbcr.tif")
    tifffile.imwrite(path, colour, photometric="ycbcr", subsampling=(1, 1), metadata=None)
    case("plain_ycbcr.tif", colour)


def planes_after_jpeg(colour):
    after = [imagecodecs.jpeg8_decode(imagecodecs.jpeg8_encode(np.ascontiguousarray(colour[..., number]))) for number in range(3)]
    return np.stack(after, -1)


def streams(name, colour, code):
    """Codestreams as the scanner's program writes them: bare, in tiles."""
    data = [imagecodecs.jpeg2k_encode(np.ascontiguousarray(part), level=0, reversible=True, mct=code == 33005, codecformat="j2k") for part in tiles(colour, 64)]
    tifffile.imwrite(os.path.join(FOLDER, name), iter(data), shape=colour.shape, dtype="uint8", photometric="rgb", compression=code, tile=(64, 64), metadata=None)
    case(name, colour)


def tiles(pixels, side):
    for top in range(0, pixels.shape[0], side):
        for left in range(0, pixels.shape[1], side):
            part = pixels[top:top + side, left:left + side]
            yield np.pad(part, [(0, side - part.shape[0]), (0, side - part.shape[1]), (0, 0)][: part.ndim])


def with_tables(colour):
    """Tables in tag 347, and pieces without them."""
    data = [imagecodecs.jpeg8_encode(np.ascontiguousarray(part), level=80, subsampling="420") for part in tiles(colour, 64)]
    shared, pieces = [], []
    for stream in data:
        tables, rest, at = b"", b"", 2
        while stream[at + 1] != 0xDA:
            length = 2 + int.from_bytes(stream[at + 2:at + 4], "big")
            if stream[at + 1] in (0xC4, 0xDB):
                tables += stream[at:at + length]
            elif stream[at + 1] not in (0xE0, 0xEE):
                rest += stream[at:at + length]
            at += length
        shared.append(b"\xff\xd8" + tables + b"\xff\xd9")
        pieces.append(b"\xff\xd8" + rest + stream[at:])
    assert all(tables == shared[0] for tables in shared)
    tifffile.imwrite(
        os.path.join(FOLDER, "tables.tif"), iter(pieces), shape=colour.shape, dtype="uint8", photometric="ycbcr", subsampling=(2, 2),
        compression="jpeg", tile=(64, 64), jpegtables=shared[0], metadata=None,
    )
    after = [imagecodecs.jpeg8_decode(stream) for stream in data]
    rows = [np.concatenate(after[at:at + 2], 1) for at in range(0, len(after), 2)]
    case("tables.tif", np.concatenate(rows, 0)[:83, :111])


def boxes(kind, body):
    return (8 + len(body)).to_bytes(4, "big") + kind + body


def jpeg2000():
    indices = picture(40, 33, 1, "noise") % 5
    whole = imagecodecs.jpeg2k_encode(indices, level=0, reversible=True, codecformat="jp2")
    at = whole.index(b"jp2h") - 4
    length = int.from_bytes(whole[at:at + 4], "big")
    palette = boxes(b"pclr", b"\0\5\3\7\7\7" + bytes(range(15))) + boxes(b"cmap", b"\0\0\1\0" + b"\0\0\1\1" + b"\0\0\1\2")
    colours = boxes(b"colr", b"\1\0\0" + (16).to_bytes(4, "big"))
    inside = boxes(b"ihdr", whole[at + 16:at + 30])
    save("palette.jp2", whole[:at] + boxes(b"jp2h", inside + colours + palette) + whole[at + length:], indices)
    colour = picture(40, 34, 3, "smooth")
    plain = bytearray(imagecodecs.jpeg2k_encode(colour, level=0, reversible=True, codecformat="j2k"))
    save("plain.j2k", bytes(plain), colour)
    for component in [1, 2]:
        plain[42 + 3 * component + 1] = 2
    save("coarser.j2k", bytes(plain), refused="coarser than the picture")
    save("throughput.j2k", imagecodecs.htj2k_encode(indices), refused="High-Throughput")
    print_colours = imagecodecs.jpeg8_encode(np.zeros((8, 8, 4), "uint8"), colorspace="cmyk", outcolorspace="cmyk")
    save("print.jpg", print_colours, refused="CMYK")


jpegs()
tiffs()
jpeg2000()
print(json.dumps(CASES))
