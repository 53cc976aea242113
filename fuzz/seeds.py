#!/usr/bin/env python3
"""Makes the seeds from which fuzzing starts: small files, written here byte by byte, the same in every run.

Run it after adding a format: $(scripts/setup.sh venv)/bin/python fuzz/seeds.py
"""
import bz2
import gzip
import io
import json
import pathlib
import struct
import tarfile
import zipfile
import zlib

ROOT = pathlib.Path(__file__).parent / "seeds"
VOXELS = bytes((7 * i * i + 3 * i) % 251 for i in range(6 * 8 * 4 * 8))


def save(reader, name, content):
    folder = ROOT / reader
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def tiff(pages, order="<", big=False):
    """Pages are (entries, pieces): entries map a tag to (type, values), pieces are the strips or tiles."""
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + ("HHHQ" if big else "HI"), *((43, 8, 0, 16) if big else (42, 8)))
    out = bytearray(head)
    link = len(out) - (8 if big else 4)
    codes = {1: "B", 2: "s", 3: "H", 4: "I", 5: "II", 7: "B", 12: "d", 16: "Q"}
    for entries, pieces in pages:
        offsets = []
        for piece in pieces:
            offsets.append(len(out))
            out += piece + b"\0" * (len(piece) % 2)
        tiled = 322 in entries
        entries = dict(entries)
        entries[324 if tiled else 273] = (16 if big else 4, offsets)
        entries[325 if tiled else 279] = (4, [len(piece) for piece in pieces])
        body = bytearray()
        room, place = (8, "Q") if big else (4, "I")
        for tag in sorted(entries):
            kind, values = entries[tag]
            if kind == 2:
                value, count = values + b"\0", len(values) + 1
            else:
                value = b"".join(struct.pack(order + codes[kind], *(v if isinstance(v, tuple) else (v,))) for v in values)
                count = len(values)
            if len(value) > room:
                at = len(out)
                out += value + b"\0" * (len(value) % 2)
                value = struct.pack(order + place, at)
            body += struct.pack(order + "HH" + place, tag, kind, count) + value.ljust(room, b"\0")
        here = len(out)
        struct.pack_into(order + place, out, link, here)
        out += struct.pack(order + ("Q" if big else "H"), len(entries)) + body
        link = len(out)
        out += b"\0" * room
    return bytes(out)


def page(width=6, height=8, bits=8, **tags):
    names = {"compression": 259, "predictor": 317, "format": 339, "rows": 278, "photometric": 262, "samples": 277, "planar": 284}
    entries = {256: (3, [width]), 257: (3, [height]), 258: (3, [bits]), 262: (3, [1])}
    entries.update({names[name]: (3, [value]) for name, value in tags.items()})
    return entries


def lzw(data):
    """Only literals between clear codes: long, but right."""
    bits = "".join(format(code, "09b") for byte in data for code in (256, byte)) + format(257, "09b")
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))


def packbits(data):
    return bytes([0xFE, data[0]]) + bytes([len(data) - 4]) + data[3:] if len(data) > 4 else data



def make_tiff():
    plane = VOXELS[:48]
    save("tiff", "three-pages.tif", tiff([(page(), [VOXELS[48 * i : 48 * i + 48]]) for i in range(3)]))
    save("tiff", "big-deflate-be.tif", tiff([(page(bits=16, compression=8, predictor=2), [zlib.compress(VOXELS[:96])])], ">", True))
    save("tiff", "strips-lzw.tif", tiff([(page(compression=5, rows=4), [lzw(plane[:24]), lzw(plane[24:])])]))
    save("tiff", "packbits.tif", tiff([(page(compression=32773), [packbits(plane)])]))
    tiles = {**page(), 322: (3, [16]), 323: (3, [16])}
    save("tiff", "tile.tif", tiff([(tiles, [VOXELS[:256]])]))
    save("tiff", "float-predictor.tif", tiff([(page(bits=32, format=3, compression=8, predictor=3), [zlib.compress(VOXELS[:192])])]))
    save("tiff", "one-bit.tif", tiff([(page(bits=1, photometric=0), [VOXELS[:8]])]))
    save("tiff", "twelve-bit.tif", tiff([(page(bits=12), [VOXELS[:72]])]))
    save("tiff", "half.tif", tiff([(page(bits=16, format=3), [VOXELS[:96]])]))
    save("tiff", "colour.tif", tiff([({**page(samples=3, photometric=2), 258: (3, [8, 8, 8])}, [VOXELS[:144]])]))
    text = b"ImageJ=1.53t\nimages=3\nslices=3\nunit=micron\nspacing=2.5\n"
    imagej = {**page(), 270: (2, text), 282: (5, [(1000000, 650000)]), 283: (5, [(1000000, 650000)])}
    save("tiff", "imagej.tif", tiff([(imagej, [VOXELS[:144]])]))
    ome = b'<OME><Image Name="a"><Pixels DimensionOrder="XYZCT" SizeX="6" SizeY="8" SizeZ="2" SizeC="1" SizeT="1" ' \
          b'Type="uint8" PhysicalSizeX="0.5" PhysicalSizeY="0.5" PhysicalSizeZ="1"><TiffData IFD="0" PlaneCount="2"/></Pixels></Image></OME>'
    nih = bytearray(512)
    struct.pack_into(">h", nih, 12, 120)
    struct.pack_into(">d", nih, 160, 2.0)
    struct.pack_into(">h", nih, 172, 6)
    struct.pack_into(">h", nih, 260, 3)
    save("tiff", "nih-image.tif", tiff([({**page(), 43314: (1, list(nih))}, [VOXELS[:144]])]))
    fei = b"[User]\nDate=01/02/2021\n[System]\nSystemType=Helios\n[Beam]\nHV=2000\n[EScan]\nPixelWidth=1e-08\nPixelHeight=1e-08\n"
    save("tiff", "fei.tif", tiff([({**page(), 34682: (2, fei)}, [plane])]))
    sem = b"AP_IMAGE_PIXEL_SIZE\nImage Pixel Size = 5.0 nm\nAP_ACTUALKV\nEHT = 2.00 kV\nSEM = GeminiSEM\n"
    save("tiff", "zeiss.tif", tiff([({**page(), 34118: (2, sem)}, [plane])]))
    lsm = bytes(40) + struct.pack("<3d", 1e-7, 1e-7, 1e-6) + bytes(8)
    save("tiff", "lsm.tif", tiff([({**page(), 34412: (1, list(lsm))}, [VOXELS[48 * i : 48 * i + 48]]) for i in range(2)]))
    gatan = {65003: (2, b"nm"), 65004: (2, b"nm"), 65009: (12, [0.5]), 65010: (12, [0.5])}
    save("tiff", "gatan.tif", tiff([({**page(), **gatan}, [plane])]))
    save("tiff", "metamorph.tif", tiff([({**page(), 33629: (5, [(1, 1)] * 3)}, [VOXELS[:144]])]))
    planar = {**page(samples=3, photometric=2, planar=2), 258: (3, [8, 8, 8])}
    save("tiff", "planes-of-colour.tif", tiff([(planar, [VOXELS[:48], VOXELS[48:96], VOXELS[96:144]])]))
    times = b"ImageJ=1.53t\nimages=12\nchannels=2\nslices=3\nframes=2\nhyperstack=true\nunit=\\u00B5m\nspacing=2.5\n"
    save("tiff", "hyperstack.tif", tiff([({**page(), 270: (2, times)}, [VOXELS[:576]])]))
    files = b'<OME><Image Name="a"><Pixels DimensionOrder="XYCZT" SizeX="6" SizeY="8" SizeZ="2" SizeC="2" SizeT="1" Type="uint8" ' \
            b'PhysicalSizeX="5" PhysicalSizeXUnit="nm" PhysicalSizeY="5" PhysicalSizeYUnit="nm"><Channel Name="x"/><Channel Name="y"/>' \
            b'<TiffData FirstC="1" IFD="1"><UUID FileName="a.tif">urn:uuid:1</UUID></TiffData><TiffData/></Pixels></Image><Image/></OME>'
    save("tiff", "ome-files.tif", tiff([({**page(), 270: (2, files)}, [plane])] + [(page(), [plane])] * 3))
    save("tiff", "ome.tif", tiff([({**page(), 270: (2, ome)}, [plane]), (page(), [VOXELS[48:96]])]))


def mrc(mode, depth, data, extended=b""):
    head = bytearray(1024)
    struct.pack_into("<4i", head, 0, 6, 8, depth, mode)
    struct.pack_into("<3i3f", head, 28, 6, 8, depth, 12.0, 16.0, 8.0)
    struct.pack_into("<3i", head, 64, 1, 2, 3)
    struct.pack_into("<i", head, 92, len(extended))
    head[208:216] = b"MAP \x44\x44\0\0"
    return bytes(head) + extended + data


def make_mrc():
    save("mrc", "int8.mrc", mrc(0, 2, VOXELS[:96]))
    save("mrc", "int16.mrc", mrc(1, 2, VOXELS[:192], b"\0" * 80))
    save("mrc", "float32.mrc", mrc(2, 1, VOXELS[:192]))
    save("mrc", "four-bit.mrc", mrc(101, 2, VOXELS[:48]))
    fei = bytearray(2 * 768)
    for nth in range(2):
        struct.pack_into("<iiI", fei, 768 * nth, 768, 1, 0xFFFFFFFF)
        struct.pack_into("<2d", fei, 768 * nth + 156, 1e-9, 1e-9)
    extended = bytearray(mrc(6, 2, VOXELS[:192], bytes(fei)))
    extended[104:108] = b"FEI1"
    save("mrc", "fei.mrc", bytes(extended))
    save("gzip", "int16.nii.gz", gzip.compress((ROOT / "nifti" / "one.nii").read_bytes(), mtime=0))
    save("gzip", "int8.map.gz", gzip.compress(mrc(0, 2, VOXELS[:96]), mtime=0))


def make_nrrd():
    head = "NRRD0004\ntype: {kind}\ndimension: 3\nsizes: 6 8 2\nencoding: {encoding}\nendian: little\n{more}\n"
    plain = head.format(kind="uint8", encoding="raw", more='spacings: 1 1 2\nunits: "um" "um" "um"\n').encode()
    save("nrrd", "raw.nrrd", plain + VOXELS[:96])
    more = "space: left-posterior-superior\nspace directions: (0.5,0,0) (0,0.5,0) (0,0,2)\n"
    text = " ".join(str(value) for value in VOXELS[:96]).encode()
    save("nrrd", "ascii.nrrd", head.format(kind="uint8", encoding="ascii", more="kinds: domain domain domain\n").encode() + text)
    save("nrrd", "hex.nrrd", head.format(kind="uint8", encoding="hex", more="line skip: 0\nbyte skip: 0\n").encode() + VOXELS[:96].hex().encode())
    times = "NRRD0005\ntype: float\ndimension: 4\nsizes: 2 3 2 2\nkinds: space space space time\nencoding: bzip2\nendian: big\na:=b\n\n"
    save("nrrd", "times.nrrd", times.encode() + bz2.compress(VOXELS[:96]))
    packed = head.format(kind="short", encoding="gzip", more=more).encode()
    save("nrrd", "gzip.nrrd", packed + gzip.compress(VOXELS[:192], mtime=0))


def make_png():
    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    def png(bits, colour, rows):
        head = struct.pack(">IIBBBBB", 6, 8, bits, colour, 0, 0, 0)
        packed = zlib.compress(b"".join(b"\0" + row for row in rows))
        return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")

    save("png", "grey8.png", png(8, 0, [VOXELS[6 * y : 6 * y + 6] for y in range(8)]))
    save("png", "grey16.png", png(16, 0, [VOXELS[12 * y : 12 * y + 12] for y in range(8)]))
    save("png", "grey1.png", png(1, 0, [VOXELS[y : y + 1] for y in range(8)]))


def make_bmp():
    table = b"".join(bytes((value, value, value, 0)) for value in range(256))
    for bits, at, row in ((8, 54 + len(table), 8), (24, 54, 20), (4, 54 + 64, 4)):
        colours = table if bits == 8 else table[:64] if bits == 4 else b""
        body = struct.pack("<IiiHHIIiiII", 40, 6, 8, 1, bits, 0, 0, 2835, 2835, 0, 0) + colours + VOXELS[: 8 * row]
        save("bmp", f"{bits}-bit.bmp", b"BM" + struct.pack("<IHHI", 14 + len(body), 0, 0, at) + body)


def make_photographs():
    """JPEG and JPEG 2000 need a packer: imagecodecs, which the tests install."""
    import imagecodecs
    import numpy

    pixels = numpy.frombuffer(VOXELS[:256], numpy.uint8).reshape(16, 16)
    save("jpeg", "grey.jpg", imagecodecs.jpeg8_encode(pixels, level=80))
    save("jpeg", "colour.jpg", imagecodecs.jpeg8_encode(numpy.stack([pixels] * 3, -1), level=50))
    # Two blocks of one coefficient each, in intervals of their own.
    part = lambda marker, body: bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + bytes(body)
    codes = lambda kind, value: bytes([kind << 4, 1]) + bytes(15) + bytes([value])
    frame = part(0xC1, [8, 0, 8, 0, 16, 1, 1, 0x11, 0])
    tables = part(0xDB, [0] + [16] * 64) + part(0xC4, codes(0, 4) + codes(1, 0))
    scan = part(0xDD, [0, 1]) + part(0xDA, [1, 1, 0, 0, 63, 0]) + bytes([0x43, 0xFF, 0xD0, 0x7B, 0xFF, 0xD9])
    save("jpeg", "intervals.jpg", b"\xff\xd8" + tables + frame + scan)
    # Pieces of a TIFF page share their tables.
    shared = {347: (7, list(b"\xff\xd8" + tables + b"\xff\xd9"))}
    save("tiff", "jpeg.tif", tiff([({**page(16, 8, compression=7), **shared}, [b"\xff\xd8" + frame + scan])]))
    photograph = imagecodecs.jpeg8_encode(numpy.stack([pixels] * 3, -1), level=50)
    colours = {**page(16, 16, compression=7, samples=3, photometric=6), 258: (3, [8, 8, 8])}
    save("tiff", "jpeg-colour.tif", tiff([(colours, [photograph])]))
    save("tiff", "zstd.tif", tiff([(page(compression=50000), [imagecodecs.zstd_encode(VOXELS[:48])])]))
    # Packed by the Independent JPEG Group's own programs, for the tests.
    for name in ["grey_progressive", "grey_restart", "progressive_420", "twelve_grey", "lossless_grey_16"]:
        save("jpeg", name + ".jpg", (ROOT.parent.parent / "crates/volume/tests/jpeg" / (name + ".jpg")).read_bytes())
    save("jpeg2000", "grey8.jp2", imagecodecs.jpeg2k_encode(pixels, level=0, reversible=True))
    # Four tiles, each of which was a picture of its own.
    quarters = [numpy.ascontiguousarray(pixels[y : y + 8, x : x + 8]) for y in (0, 8) for x in (0, 8)]
    quarters = [bytearray(imagecodecs.jpeg2k_encode(one, level=0, reversible=True, codecformat="j2k", resolutions=1)) for one in quarters]
    tiles = quarters[0][: quarters[0].index(b"\xff\x90")]
    struct.pack_into(">2I", tiles, 8, 16, 16)
    for number, one in enumerate(quarters):
        at = one.index(b"\xff\x90")
        struct.pack_into(">H", one, at + 4, number)
        tiles += one[at:-2]
    save("jpeg2000", "tiles.j2k", bytes(tiles) + b"\xff\xd9")
    wide = numpy.frombuffer(VOXELS[:512], "<i2").reshape(16, 16)
    save("jpeg2000", "signed16.j2k", imagecodecs.jpeg2k_encode(wide, level=0, reversible=True, codecformat="j2k"))


def make_hdf5():
    """HDF5 needs its library: h5py, which the tests install."""
    import h5py
    import numpy

    volume = numpy.frombuffer(VOXELS[:384], "<u2").reshape(6, 8, 4)

    def one(name, libver, **options):
        file = io.BytesIO()
        with h5py.File(file, "w", libver=libver) as opened:
            opened.create_dataset("volume", data=volume, **options).attrs["element_size_um"] = [2.0, 1.0, 1.0]
        save("hdf5", name, file.getvalue())

    one("earliest-contiguous.h5", "earliest")
    one("earliest-gzip.h5", "earliest", chunks=(1, 8, 4), compression="gzip", shuffle=True, fletcher32=True)
    one("earliest-lzf.h5", "earliest", chunks=(4, 4, 4), compression="lzf")
    one("latest-contiguous.h5", "v110")
    one("latest-single.h5", "v110", chunks=(6, 8, 4), compression="gzip")
    one("latest-fixed.h5", "v110", chunks=(2, 8, 4), compression="gzip")
    one("latest-growing.h5", "v110", chunks=(1, 4, 4), maxshape=(None, 8, 4))
    one("latest-tree.h5", "v110", chunks=(2, 4, 4), maxshape=(None, None, 4))
    # Chunks that are all there from the beginning, and not packed, need no index.
    settings = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    settings.set_chunk((4, 4, 4))
    settings.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    file = io.BytesIO()
    with h5py.File(file, "w", libver="v110") as opened:
        space = h5py.h5s.create_simple((6, 8, 4), (6, 8, 8))
        made = h5py.Dataset(h5py.h5d.create(opened.id, b"volume", h5py.h5t.STD_U16LE, space, settings))
        made[...] = volume
        made.attrs["element_size_um"] = [2.0, 1.0, 1.0]
    # Room for chunks that the dataset may yet grow into is promised at the end, and not written into memory.
    bytes_promised = int.from_bytes(file.getvalue()[28:36], "little")
    save("hdf5", "latest-implicit.h5", file.getvalue().ljust(bytes_promised, b"\0"))
    # Numbers by which HDF5 knows LZ4, bitshuffle (elements of 2 bytes, LZ4) and zstd need a plug-in.
    import hdf5plugin

    one("bitshuffle.h5", "v110", chunks=(2, 8, 4), **hdf5plugin.Bitshuffle())
    one("blosc.h5", "v110", chunks=(6, 8, 4), **hdf5plugin.Blosc(cname="lz4", shuffle=1))
    one("lz4.h5", "v110", chunks=(6, 8, 4), **hdf5plugin.LZ4())
    one("zstd.h5", "v110", chunks=(6, 8, 4), **hdf5plugin.Zstd())
    one("bzip2.h5", "v110", chunks=(6, 8, 4), **hdf5plugin.BZip2())
    one("scale-offset.h5", "v110", chunks=(6, 8, 4), scaleoffset=0)
    one("blosc2.h5", "v110", chunks=(6, 8, 4), **hdf5plugin.Blosc2(cname="zstd", filters=2))
    one("blosc2-delta.h5", "v110", chunks=(2, 8, 4), **hdf5plugin.Blosc2(filters=3))
    one("szip.h5", "v110", chunks=(6, 8, 4), compression="szip", compression_opts=("nn", 8))
    # Eleven bits of sixteen, packed by the filter that HDF5 has for them.
    kind, settings, file = h5py.h5t.STD_I16LE.copy(), h5py.h5p.create(h5py.h5p.DATASET_CREATE), io.BytesIO()
    kind.set_precision(11)
    kind.set_offset(2)
    settings.set_chunk((4, 4, 4))
    settings.set_filter(5, h5py.h5z.FLAG_MANDATORY, ())
    with h5py.File(file, "w", libver="v110") as opened:
        made = h5py.h5d.create(opened.id, b"volume", kind, h5py.h5s.create_simple((6, 8, 4)), settings)
        made.write(h5py.h5s.ALL, h5py.h5s.ALL, volume.astype("<i2") % 1000)
    save("hdf5", "n-bit.h5", file.getvalue())
    # A virtual dataset that is as long as there are numbered sources, and a field of bits.
    settings, file = h5py.h5p.create(h5py.h5p.DATASET_CREATE), io.BytesIO()
    with h5py.File(file, "w", libver="v110") as opened:
        for number in range(6):
            opened[f"part{number}"] = volume[number]
        place = h5py.h5s.create_simple((1, 8, 4), (h5py.h5s.UNLIMITED, 8, 4))
        place.select_hyperslab((0, 0, 0), (h5py.h5s.UNLIMITED, 1, 1), (1, 1, 1), (1, 8, 4))
        settings.set_virtual(place, b".", b"/part%b", h5py.h5s.create_simple((8, 4)))
        space = h5py.h5s.create_simple((1, 8, 4), (h5py.h5s.UNLIMITED, 8, 4))
        h5py.h5d.create(opened.id, b"volume", h5py.h5t.STD_U16LE, space, settings)
    save("hdf5", "numbered-virtual.h5", file.getvalue())
    file = io.BytesIO()
    with h5py.File(file, "w", libver="v110") as opened:
        mask = h5py.h5d.create(opened.id, b"mask", h5py.h5t.STD_B8LE, h5py.h5s.create_simple((6, 8, 8)))
        mask.write(h5py.h5s.ALL, h5py.h5s.ALL, numpy.frombuffer(VOXELS[:384], "u1").reshape(6, 8, 8), mtype=h5py.h5t.STD_B8LE)
    save("hdf5", "bits.h5", file.getvalue())
    for libver in ["earliest", "v110"]:
        file = io.BytesIO()
        with h5py.File(file, "w", libver=libver) as opened:
            entry = opened.create_group("scan")
            entry.attrs["NX_class"] = "NXentry"
            entry["definition"] = "NXtomo"
            entry["title"] = "a tooth"
            detector = entry.create_group("instrument/detector")
            layout = h5py.VirtualLayout((6, 8, 4), "<u2")
            opened["raw"] = volume
            layout[0::2] = h5py.VirtualSource(opened["raw"])[:3]
            layout[1::2] = h5py.VirtualSource(opened["raw"])[3:]
            detector.create_virtual_dataset("data", layout)
            detector["image_key"] = [0, 0, 1, 1, 2, 2]
            detector["alias"] = h5py.SoftLink("/raw")
            entry["elsewhere"] = h5py.ExternalLink("other.h5", "/data")
            for number in range(12):
                entry.attrs[f"a{number}"] = number
                entry[f"group {number}/b"] = h5py.SoftLink("/scan")
        save("hdf5", f"{libver}-virtual.h5", file.getvalue())


def make_hdf5_layouts():
    """As detectors and programs lay a volume into HDF5."""
    import h5py
    import numpy

    volume = numpy.frombuffer(VOXELS[:384], "<u2").reshape(6, 8, 4)

    def one(name, fill):
        file = io.BytesIO()
        with h5py.File(file, "w") as opened:
            fill(opened)
        save("hdf5", name, file.getvalue())

    def parts(opened):
        opened.create_group("entry").attrs["NX_class"] = "NXentry"
        data = opened.create_group("entry/data")
        data.attrs["NX_class"] = "NXdata"
        for number in (1, 2):
            opened[f"raw/{number}"] = volume[3 * number - 3 : 3 * number]
            data[f"data_{number:06}"] = h5py.SoftLink(f"/raw/{number}")
        opened["entry/instrument/beam/incident_wavelength"] = 0.62
        opened["entry/instrument/beam/incident_wavelength"].attrs["units"] = "angstrom"

    def itk(opened):
        group = opened.create_group("ITKImage/0")
        group["VoxelData"], group["Spacing"], group["Origin"] = volume, [0.3, 0.4, 0.5], [1.0, 2.0, 3.0]
        group["Directions"] = [[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]

    def imaris(opened):
        group = opened.create_group("DataSet/ResolutionLevel 0/TimePoint 0/Channel 0")
        group["Data"] = volume
        image = opened.create_group("DataSetInfo/Image")
        words = {"X": "3", "Y": "7", "Z": "5", "ExtMin0": "0", "ExtMin1": "0", "ExtMin2": "-1", "ExtMax0": "1.5", "ExtMax1": "3.5", "ExtMax2": "4", "Unit": "um"}
        for name, word in words.items():
            image.attrs[name] = numpy.array(list(word), "S1")

    def minc(opened):
        for axis, step in zip("xyz", (0.1, -0.2, 0.3)):
            dimension = opened.create_dataset(f"minc-2.0/dimensions/{axis}space", data=0)
            dimension.attrs.update(start=-1.0, step=step, units=numpy.bytes_("mm"), direction_cosines=[0.6, 0.8, 0.0])
        opened["minc-2.0/image/0/image"] = volume
        opened["minc-2.0/image/0/image"].attrs["dimorder"] = numpy.bytes_("zspace,yspace,xspace")
        opened["minc-2.0/image/0/image-min"], opened["minc-2.0/image/0/image-max"] = 0.0, [1.0, 2.0]

    def emd(opened):
        group = opened.create_group("data/scan")
        group.attrs["emd_group_type"] = 1
        group["data"] = volume
        for number, size in enumerate(volume.shape, 1):
            group[f"dim{number}"] = numpy.arange(size) * 0.5
            group[f"dim{number}"].attrs.update(name="zyx"[number - 1], units="[n_m]")

    def viewer(opened):
        opened["s00/resolutions"] = [[1.0, 1.0, 1.0]]
        opened["t00000/s00/0/cells"] = volume.view("<i2")

    def esrf(opened):
        opened["entry/reconstruction/results/data"] = volume
        opened["entry/reconstruction/configuration/processing_options/reconstruction/voxel_size_cm"] = [3e-4, 2e-4, 1e-4]

    for fill in (parts, itk, imaris, minc, emd, viewer, esrf):
        one(f"layout-{fill.__name__}.h5", fill)


def make_nifti():
    head = bytearray(352)
    struct.pack_into("<i", head, 0, 348)
    struct.pack_into("<8h", head, 40, 3, 6, 8, 2, 1, 1, 1, 1)
    struct.pack_into("<2h", head, 70, 4, 16)
    struct.pack_into("<8f", head, 76, 1, 0.5, 0.5, 2, 0, 0, 0, 0)
    struct.pack_into("<3f", head, 108, 352, 2, -1)
    head[123] = 2
    struct.pack_into("<2h6f", head, 252, 1, 0, 0, 0, 0.7, 1, 2, 3)
    head[344:348] = b"n+1\0"
    save("nifti", "one.nii", bytes(head) + VOXELS[:192])
    save("nifti", "packed.nii.gz", gzip.compress(bytes(head) + VOXELS[:192], mtime=0))
    second = bytearray(544)
    struct.pack_into("<i8s2h8q", second, 0, 540, b"n+2\0\r\n\x1a\n", 2, 8, 3, 6, 8, 2, 1, 1, 1, 1)
    struct.pack_into("<8d", second, 104, 1, 0.5, 0.5, 2, 0, 0, 0, 0)
    struct.pack_into("<q", second, 168, 544)
    struct.pack_into("<i", second, 348, 1)
    struct.pack_into("<12d", second, 400, *[0.5, 0, 0, 1, 0, 0.5, 0, 2, 0, 0, 2, 3])
    struct.pack_into("<i", second, 500, 2)
    save("nifti", "two.nii", bytes(second) + VOXELS[:96])


def make_metaimage():
    head = "ObjectType = Image\nNDims = 3\nDimSize = 6 8 2\nElementType = MET_UCHAR\nElementSpacing = 0.5 0.5 2\nOffset = 1 2 3\n"
    head += "TransformMatrix = 1 0 0 0 1 0 0 0 1\n{more}ElementDataFile = LOCAL\n"
    save("metaimage", "raw.mha", head.format(more="").encode() + VOXELS[:96])
    save("metaimage", "zlib.mha", head.format(more="CompressedData = True\n").encode() + zlib.compress(VOXELS[:96]))
    text = " ".join(str(value) for value in VOXELS[:96])
    save("metaimage", "text.mha", (head.format(more="BinaryData = False\n") + text).encode())


def make_amira():
    head = "# AmiraMesh {kind}\n\ndefine Lattice 6 8 2\n\nParameters {{\n    Units {{\n        Coordinates \"nm\"\n    }}\n"
    head += '    BoundingBox 0 5 0 7 0 1,\n    CoordType "uniform"\n}}\n\nLattice {{ byte Data }} @1{packing}\n\n# Data section follows\n@1\n'
    runs = bytes([0x80 | 96]) + VOXELS[:96]
    packed = zlib.compress(VOXELS[:96])
    for name, kind, packing, body in (
        ("raw", "BINARY-LITTLE-ENDIAN 2.1", "", VOXELS[:96]),
        ("text", "3D ASCII 2.0", "", " ".join(str(value) for value in VOXELS[:96]).encode()),
        ("runs", "3D BINARY 2.0", f"(HxByteRLE,{len(runs)})", runs),
        ("zip", "3D BINARY 2.0", f"(HxZip,{len(packed)})", packed),
    ):
        save("amira", f"{name}.am", head.format(kind=kind, packing=packing).encode() + body)


def make_dicom():
    """One slice of 8 by 6 pixels in several packings; the packers for JPEG come from imagecodecs."""
    import imagecodecs
    import numpy

    pixels = numpy.frombuffer(VOXELS[:96], "<u2").reshape(8, 6)

    def element(tag, kind, value):
        value += b"\0" * (len(value) % 2)
        long = kind in (b"OB", b"OW", b"SQ")
        return struct.pack("<HH2s", tag >> 16, tag & 0xFFFF, kind) + (b"\0\0" + struct.pack("<I", len(value)) if long else struct.pack("<H", len(value))) + value

    def item(value):
        value += b"\0" * (len(value) % 2)
        return struct.pack("<HHI", 0xFFFE, 0xE000, len(value)) + value

    def dicom(syntax, packed=None):
        out = bytes(128) + b"DICM" + element(0x00020010, b"UI", b"1.2.840.10008.1.2" + syntax)
        out += element(0x0020000E, b"UI", b"1.2.3") + element(0x00200032, b"DS", b"1\\2\\3") + element(0x00200037, b"DS", b"1\\0\\0\\0\\1\\0")
        out += element(0x00280010, b"US", struct.pack("<H", 8)) + element(0x00280011, b"US", struct.pack("<H", 6))
        out += element(0x00280030, b"DS", b"0.5\\0.4") + element(0x00280100, b"US", struct.pack("<H", 16))
        if packed is None:
            return out + element(0x7FE00010, b"OW", pixels.tobytes())
        return out + struct.pack("<HH2sHI", 0x7FE0, 0x10, b"OB", 0, 0xFFFFFFFF) + item(b"") + item(packed) + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)

    planes = [pixels.astype(">u2").tobytes()[byte::2] for byte in range(2)]
    runs = [b"".join(bytes([0, value]) for value in plane) for plane in planes]
    save("dicom", "plain.dcm", dicom(b".1"))
    save("dicom", "runs.dcm", dicom(b".5", struct.pack("<16I", 2, 64, 64 + len(runs[0]), *[0] * 13) + runs[0] + runs[1]))
    twelve = imagecodecs.jpeg8_encode(pixels % 4096, level=90, bitspersample=12, lossless=False)
    save("dicom", "extended.dcm", dicom(b".4.51", twelve))
    save("dicom", "lossless.dcm", dicom(b".4.70", imagecodecs.ljpeg_encode(pixels)))
    save("dicom", "jpeg2000.dcm", dicom(b".4.90", imagecodecs.jpeg2k_encode(pixels, level=0, reversible=True, codecformat="j2k")))
    grey = dicom(b".4.50", imagecodecs.jpeg8_encode((pixels % 256).astype("u1"), level=90))
    save("dicom", "baseline.dcm", grey.replace(element(0x00280100, b"US", b"\x10\0"), element(0x00280100, b"US", b"\x08\0")))
    frames = dicom(b".1").replace(pixels.tobytes(), pixels.tobytes() * 2).replace(struct.pack("<I", 96), struct.pack("<I", 192))
    save("dicom", "frames.dcm", frames.replace(element(0x00280010, b"US", b"\x08\0"), element(0x00280008, b"IS", b"2") + element(0x00280010, b"US", b"\x08\0")))
    save("dicom", "ls.dcm", dicom(b".4.80", imagecodecs.jpegls_encode(pixels)))


def make_archives():
    nrrd = (ROOT / "nrrd" / "raw.nrrd").read_bytes()

    def packed(name, method, entries):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", method) as archive:
            for path, body in entries.items():
                archive.writestr(zipfile.ZipInfo(path), body, method)
        save("zip", name, file.getvalue())

    packed("nrrd-stored.zip", zipfile.ZIP_STORED, {"scan/a.nrrd": nrrd})
    packed("nrrd-deflated.zip", zipfile.ZIP_DEFLATED, {"scan/": b"", "scan/a.nrrd": nrrd, "__MACOSX/a": b"a"})
    plain = json.dumps({"zarr_format": 2, "shape": [4, 4, 4], "chunks": [4, 4, 2], "dtype": "|u1", "compressor": {"id": "zlib"},
                        "filters": [{"id": "shuffle", "elementsize": 2}], "fill_value": 7, "order": "C"})
    packed("zarr2.zip", zipfile.ZIP_STORED, {"a.zarr/.zarray": plain, "a.zarr/0.0.0": zlib.compress(VOXELS[:32])})
    import imagecodecs

    block = {"zarr_format": 2, "shape": [4, 4, 4], "chunks": [4, 4, 4], "dtype": "<u2", "filters": None, "fill_value": 7, "order": "F"}
    for name, coded in (
        ("zstd", imagecodecs.zstd_encode(VOXELS[:128])),
        ("blosc", imagecodecs.blosc_encode(VOXELS[:128], typesize=2, compressor="lz4", shuffle=2)),
        ("lz4", struct.pack("<I", 128) + imagecodecs.lz4_encode(VOXELS[:128])),
        ("bz2", bz2.compress(VOXELS[:128])),
    ):
        packed(f"zarr2-{name}.zip", zipfile.ZIP_STORED, {".zarray": json.dumps({**block, "compressor": {"id": name}}), "0.0.0": coded})
    group = {"multiscales": [{"version": "0.4", "name": "a", "axes": [{"name": axis, "type": "space", "unit": "nanometer"} for axis in "zyx"],
                              "datasets": [{"path": "0", "coordinateTransformations": [{"type": "scale", "scale": [2, 1, 1]}]}]}]}
    plain_block = json.dumps({**block, "compressor": None, "order": "C", "dimension_separator": "/"})
    packed("ome-zarr.zip", zipfile.ZIP_DEFLATED, {"v.zarr/.zgroup": '{"zarr_format": 2}', "v.zarr/.zattrs": json.dumps(group),
                                                  "v.zarr/0/.zarray": plain_block, "v.zarr/0/0/0/0": VOXELS[:128]})
    n5 = json.dumps({"dimensions": [4, 4, 4], "blockSize": [4, 4, 4], "dataType": "uint8", "compression": {"type": "gzip"},
                     "resolution": [1, 1, 2], "units": ["um", "um", "um"]})
    packed("n5.zip", zipfile.ZIP_STORED, {"v.n5/attributes.json": '{"n5": "2.0.0"}', "v.n5/s0/attributes.json": n5,
                                          "v.n5/s0/0/0/0": struct.pack(">HHIII", 0, 3, 4, 4, 4) + gzip.compress(VOXELS[:64], mtime=0)})
    bytes_of = {"name": "bytes", "configuration": {"endian": "little"}}

    def sharded(*around):
        shards = {"chunk_shape": [2, 4, 4], "codecs": [bytes_of], "index_codecs": [bytes_of], "index_location": "end"}
        return json.dumps({"zarr_format": 3, "node_type": "array", "shape": [4, 4, 4], "data_type": "uint8", "attributes": {},
                           "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [4, 4, 4]}}, "fill_value": 0,
                           "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
                           "codecs": [{"name": "sharding_indexed", "configuration": shards}, *around]})

    shard = VOXELS[:64] + struct.pack("<4Q", 0, 32, 32, 32)
    packed("zarr3-shards.zip", zipfile.ZIP_DEFLATED, {"zarr.json": sharded(), "c/0/0/0": shard})
    around = {"name": "gzip", "configuration": {"level": 1}}
    packed("zarr3-packed-shards.zip", zipfile.ZIP_STORED, {"zarr.json": sharded(around), "c/0/0/0": gzip.compress(shard, mtime=0)})

    for name, kind, folder in (("ustar.tar", tarfile.USTAR_FORMAT, "scan"), ("pax.tar", tarfile.PAX_FORMAT, "s" * 120), ("gnu.tar", tarfile.GNU_FORMAT, "s" * 120)):
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode="w", format=kind) as archive:
            above = tarfile.TarInfo(folder)
            above.type = tarfile.DIRTYPE
            archive.addfile(above)
            member = tarfile.TarInfo(folder + "/a.nrrd")
            member.size = len(nrrd)
            archive.addfile(member, io.BytesIO(nrrd))
        # Two empty blocks are the end; the library writes twenty.
        used = len(file.getvalue().rstrip(b"\0"))
        save("tar", name, file.getvalue()[: -(-used // 512) * 512 + 1024])


def make_zeiss():
    """A compound file of one sector for each of its tables; all streams are small."""
    free, end = 0xFFFFFFFF, 0xFFFFFFFE
    word = lambda number: struct.pack("<I", number)
    streams = [("ImageInfo", [("ImageWidth", word(6)), ("ImageHeight", word(8)), ("NoOfImages", word(2)), ("DataType", word(5)),
                              ("PixelSize", struct.pack("<f", 0.7)), ("Date", b"09/23/2020 14:52:29\0")]),
               ("ImageData1", [("Image1", VOXELS[:96]), ("Image2", VOXELS[96:192])])]

    def entry(name, kind, right, child, first, length):
        units = name.encode("utf-16-le")
        out = units.ljust(64, b"\0") + struct.pack("<HBBIII", len(units) + 2, kind, 0, free, right, child)
        return out.ljust(116, b"\0") + struct.pack("<III", first, length, 0)

    mini, chain, below = b"", [], []
    number = 1 + len(streams)
    above = []
    for at, (storage, members) in enumerate(streams):
        above.append(entry(storage, 1, at + 2 if at + 1 < len(streams) else free, number, 0, 0))
        for nth, (name, body) in enumerate(members):
            number += 1
            below.append(entry(name, 2, number if nth + 1 < len(members) else free, free, len(chain), len(body)))
            pieces = -(-len(body) // 64)
            chain += [len(chain) + 1 + piece for piece in range(pieces - 1)] + [end]
            mini += body.ljust(64 * pieces, b"\0")
    mini = mini.ljust(-(-len(mini) // 512) * 512, b"\0")
    table_at, mini_at = 0, 1
    mini_table_at = mini_at + len(mini) // 512
    directory = entry("Root Entry", 5, free, 1, mini_at, len(mini)) + b"".join(above + below)
    directory = directory.ljust(-(-len(directory) // 512) * 512, b"\0")
    directory_at = mini_table_at + 1
    last = directory_at + len(directory) // 512
    table = [at + 1 for at in range(last)]
    table[table_at], table[mini_table_at - 1], table[mini_table_at], table[last - 1] = 0xFFFFFFFD, end, end, end
    words = lambda numbers: struct.pack("<128I", *numbers, *[free] * (128 - len(numbers)))
    head = bytearray(b"\xff" * 512)
    head[:76] = bytes(76)
    head[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    head[30], head[32] = 9, 6
    for at, value in ((44, 1), (48, directory_at), (56, 4096), (60, mini_table_at), (64, 1), (68, end), (76, table_at)):
        struct.pack_into("<I", head, at, value)
    save("zeiss", "two-slices.txm", bytes(head) + words(table) + mini + words(chain) + directory)


def make_scanco():
    head = bytearray(512)
    head[:16] = b"CTDATA-HEADER_V1"
    struct.pack_into("<i", head, 16, 3)
    struct.pack_into("<6i", head, 44, 6, 8, 2, 3000, 4000, 1000)
    head[128:133] = b"tooth"
    struct.pack_into("<2i", head, 168, 70000, 114)
    save("scanco", "two-slices.isq", bytes(head) + VOXELS[:192])


def make_aim():
    """Version 2.0 with plain voxels and with runs, and version 3.0."""
    log = b"! Processing Log\nEnergy [V]                    45000\nMu_Scaling                    4096\n\0"
    vax = b"\x8a\x3d\x71\x3d"  # 0.0152… mm as a VAX writes it

    def two(kind, voxels):
        structure = struct.pack("<5iI21i", 16, 0, 0, 0, 0, kind, 0, 0, 0, 6, 8, 2, *[0] * 15) + 3 * vax + bytes(20)
        return struct.pack("<5i", 20, len(structure), len(log), len(voxels), 0) + structure + log + voxels

    save("aim", "version-2.aim", two(0x00020002, VOXELS[:192]))
    save("aim", "two-values.aim", two(0x00150001, struct.pack("<i", 4 + 5) + bytes([0, 127, 40, 50, 6])))
    save("aim", "counted.aim", two(0x00080002, struct.pack("<i", 4 + 4) + bytes([90, 3, 6, 127])))
    structure = struct.pack("<3iI21q3q", 24, 0, 0, 0x00010001, 0, 0, 0, 6, 8, 2, *[0] * 15, 10000, 10000, 10000) + bytes(16)
    save("aim", "version-3.aim", b"AIMDATA_V030   \0" + struct.pack("<5q", 40, len(structure), len(log), 96, 0) + structure + log + VOXELS[:96])


def make_models():
    """A tetrahedron in every format of models."""
    corners = [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)]
    faces = [(0, 2, 1), (0, 1, 3), (1, 2, 3), (0, 3, 2)]
    flat = b"".join(struct.pack("<12fH", 0, 0, 0, *(n for v in face for n in corners[v]), 0) for face in faces)
    save("stl", "binary.stl", b" " * 80 + struct.pack("<I", 4) + flat)
    loops = "".join("facet normal 0 0 0\nouter loop\n" + "".join("vertex %g %g %g\n" % corners[v] for v in face) + "endloop\nendfacet\n" for face in faces)
    save("stl", "text.stl", ("solid a\n" + loops + "endsolid a\n").encode())
    places = "".join("v %g %g %g 1 0.5 0\n" % corner for corner in corners)
    save("obj", "two.obj", ("o a\n" + places + "f 1 3 2\nf 1/1 2//2 4\no b\nf -3 -2 -1\nf 1 4 3\n").encode())
    head = "ply\nformat %s 1.0\nelement vertex 4\nproperty float x\nproperty float y\nproperty float z\nelement face 4\nproperty list uchar int vertex_indices\nend_header\n"
    text = "".join("%g %g %g\n" % corner for corner in corners) + "".join("3 %d %d %d\n" % face for face in faces)
    save("ply", "text.ply", (head % "ascii" + text).encode())
    for order, name in (("<", "little"), (">", "big")):
        body = b"".join(struct.pack(order + "3f", *corner) for corner in corners) + b"".join(struct.pack(order + "B3i", 3, *face) for face in faces)
        save("ply", name + ".ply", (head % ("binary_%s_endian" % name)).encode() + body)
    numbers = b"".join(struct.pack("<3f", *corner) for corner in corners) + bytes(v for face in faces for v in face)
    scene = {
        "asset": {"version": "2.0"}, "scenes": [{"nodes": [0]}],
        "nodes": [{"children": [1]}, {"mesh": 0, "translation": [1, 2, 3], "rotation": [0, 0, 0.6, 0.8], "scale": [1, 1, -1]}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3"}, {"bufferView": 1, "componentType": 5121, "count": 12, "type": "SCALAR"}],
        "bufferViews": [{"buffer": 0, "byteLength": 48}, {"buffer": 0, "byteOffset": 48, "byteLength": 12}],
        "buffers": [{"byteLength": 60}],
    }
    words = json.dumps(scene).encode()
    words += b" " * (-len(words) % 4)
    save("glb", "plain.glb", b"glTF" + struct.pack("<III", 2, 28 + len(words) + 60, len(words)) + b"JSON" + words + struct.pack("<I", 60) + b"BIN\0" + numbers)
    xml = '<model unit="inch"><resources><basematerials id="9"><base displaycolor="#FF8000"/></basematerials><object id="1" pid="9" pindex="0"><mesh><vertices>'
    xml += "".join('<vertex x="%g" y="%g" z="%g"/>' % corner for corner in corners) + "</vertices><triangles>"
    xml += "".join('<triangle v1="%d" v2="%d" v3="%d"/>' % face for face in faces)
    xml += '</triangles></mesh></object><object id="2"><components><component objectid="1" transform="1 0 0 0 1 0 0 0 1 5 0 0"/></components></object></resources>'
    xml += '<build><item objectid="1"/><item objectid="2"/></build></model>'
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("3D/3dmodel.model"), xml)
    save("threemf", "two.3mf", packed.getvalue())


def make_described():
    """Files that say what lies beside them: 8 × 8 × 8 bytes, two slices or a map, which the fuzzer puts there."""
    save("xact", "unireconstruction.xml", b'<unireconstruction><conebeam><profile images="900"/><acquisitioninfo><geometry sod="20.5" sdd="600"/>'
         b'</acquisitioninfo><volume><size X="8" Y="2" Z="8"/><voxelSize X="0.01" Y="0.01" Z="0.01"/></volume></conebeam></unireconstruction>')
    save("scanner", "skyscan.txt", b"[System]\nScanner=SkyScan1272\nCamera=XIMEA\n[Acquisition]\nFilename Prefix=seed\nImage Pixel Size (um)=2.5\n"
         b"Source Voltage (kV)=50\nSource Current (uA)=200\nExposure (ms)=900\nRotation Step (deg)=0.4\nFilter=Al 0.5mm\nStudy Date and Time=04 Mar 2021  10h:11m:12s\n"
         b"[Reconstruction]\nReconstruction Program=NRecon\nPixel Size (um)=2.5\nSection to Section Step=1\nResult Image Width (pixels)=8\n")
    save("nikon", "scan.xtekct", b"[XTekCT]\nName=seed\nVoxelsX=8\nVoxelsY=8\nVoxelsZ=8\nVoxelSizeX=0.01\nVoxelSizeY=0.01\nVoxelSizeZ=0.01\n"
         b"XraykV=80\nXrayuA=120\nProjections=1800\nSrcToObject=50.1\nSrcToDetector=270.4\n[CTPro]\nFilter_Material=Copper\nFilter_ThicknessMM=0.5\n")
    save("phoenix", "scan.pcr", b"[General]\nSystemName=v|tome|x\n[Geometry]\nFDD=800\nFOD=40\nVoxelSizeX=0.01\n[VolumeData]\nVolume_SizeX=8\nVolume_SizeY=8\n"
         b"Volume_SizeZ=4\nFormat=5\nVoxelSizeRec=0.01\nVol_File=C:\\scan\\a.raw\n")
    save("vgi", "scan.vgi", b"{volume1}\n[representation]\nsize = 8 8 8\ndatatype = unsigned integer\nbitsperelement = 8\n[file1]\nSkipHeader = 0\n"
         b"FileFormat = raw\nSize = 8 8 8\nName = a.raw\nDatatype = unsigned integer\nBitsPerElement = 8\n[geometry]\nresolution = 0.01 0.01 0.01\nunit = mm\n")
    save("sidecar", "plain.json", b'{"shape": [8, 8, 8], "dtype": "uint8", "byte_order": "little", "offset": 0, "voxel_size_um": [1.5, 1.5, 1.5], "file": "a.raw"}')
    save("detached", "raw.nhdr", b"NRRD0005\ntype: uint8\ndimension: 3\nsizes: 8 8 8\nencoding: raw\nspace: left-posterior-superior\n"
         b"space directions: (1,0,0) (0,-1,0) (0,0,2)\nspace origin: (0,0,0)\nspace units: \"mm\" \"mm\" \"mm\"\ndata file: a.raw\n\n")
    save("detached", "list.nhdr", b"NRRD0005\ntype: uint8\ndimension: 3\nsizes: 8 8 4\nencoding: raw\ndata file: LIST 2\na.raw\na.raw\na.raw\na.raw\n")
    save("listed", "raw.mhd", b"ObjectType = Image\nNDims = 3\nDimSize = 8 8 8\nElementType = MET_UCHAR\nElementSpacing = 1 1 2\n"
         b"TransformMatrix = 1 0 0 0 1 0 0 0 1\nOffset = 0 0 0\nElementByteOrderMSB = False\nElementDataFile = a.raw\n")
    save("listed", "pattern.mhd", b"ObjectType = Image\nNDims = 3\nDimSize = 8 8 2\nElementType = MET_UCHAR\nElementDataFile = a%d.raw 1 2 1\n")
    head = bytearray(348)
    struct.pack_into("<i", head, 0, 348)
    struct.pack_into("<8h", head, 40, 3, 8, 8, 8, 1, 1, 1, 1)
    struct.pack_into("<2h", head, 70, 2, 8)
    struct.pack_into("<8f", head, 76, 1, 0.5, 0.5, 2, 0, 0, 0, 0)
    save("analyze", "plain.hdr", bytes(head))
    save("mdoc", "tilt.mdoc", b"PixelSpacing = 2.5\nVoltage = 200\nImageFile = a.mrc\n\n[T = Tomo]\n\n[ZValue = 0]\nTiltAngle = -3.01\nMagnification = 33000\n"
         b"ImageShift = 1 2\nDateTime = 08-Oct-21  07:47:29\n\n[ZValue = 1]\nTiltAngle = 3\nImageShift = 1 3\n")


def make_answers():
    """What other institutions and strangers say."""
    head = '<?xml version="1.0"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>'
    end = "<resumptionToken>next&amp;1</resumptionToken></ListRecords></OAI-PMH>"
    field = '<datafield tag="{}" ind1="{}" ind2="{}">{}</datafield>'
    sub = '<subfield code="{}">{}</subfield>'
    marc = "".join([
        '<controlfield tag="001">1</controlfield>',
        field.format("024", "7", " ", sub.format("a", "10.1098/rsif.2008.0155") + sub.format("2", "doi")),
        field.format("100", "1", " ", sub.format("a", "Kleinteich, Thomas") + sub.format("u", "Kiel &amp; more") + sub.format("0", "(orcid)0000-0002-1825-0097")),
        field.format("245", "0", "0", sub.format("a", "Caecilian <i>jaws</i> /") + sub.format("b", "mechanics")),
        field.format("260", " ", " ", sub.format("b", "Royal Society") + sub.format("c", "c2008")),
        field.format("520", " ", " ", sub.format("a", "<![CDATA[The &lt;skull&gt;.]]>")),
        field.format("536", " ", " ", sub.format("a", "DFG") + sub.format("c", "HA 1")),
        field.format("773", " ", " ", sub.format("p", "J") + sub.format("v", "5") + sub.format("n", "29") + sub.format("c", "1491-1504") + sub.format("y", "2008")),
        field.format("787", "0", " ", sub.format("a", "10.5072/science3d.7h3k9x2q4")),
        field.format("915", " ", " ", sub.format("a", "Creative Commons Attribution CC BY 4.0")),
    ])
    marcxml = '<record><header><identifier>oai:x:1</identifier></header><metadata><collection><record xmlns="http://www.loc.gov/MARC21/slim">' + marc + "</record></collection></metadata></record>"
    gone = '<record><header status="deleted"><identifier>oai:x:2</identifier></header></record>'
    save("marcxml", "page.xml", (head + marcxml + gone + end).encode())
    save("marcxml", "broken.xml", (head + marcxml[:400] + gone + end).encode())
    save("marcxml", "error.xml", b'<OAI-PMH><error code="noRecordsMatch">none</error></OAI-PMH>')
    words = "".join("<dc:{0}>{1}</dc:{0}>".format(*one) for one in [
        ("title", "On jaws"), ("creator", "Haas, Alexander"), ("date", "2011-05"), ("identifier", "https://doi.org/10.1098/X"), ("language", "deu"),
        ("relation", "doi:10.5072/science3d.7h3k9x2q4"), ("rights", "http://creativecommons.org/licenses/by/3.0/de"), ("subject", "skull"), ("type", "article")])
    core = '<record><header><identifier>oai:x:3</identifier></header><metadata><oai_dc:dc xmlns:dc="x" xmlns:oai_dc="y">' + words + "</oai_dc:dc></metadata></record>"
    save("dublincore", "page.xml", (head + core + end).encode())
    save("dublincore", "half.xml", (head + core + "<record><header><broken></record>" + core.replace("x:3", "x:4") + end).encode())
    save("dublincore", "doctype.xml", b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>')
    crossref = {"DOI": "10.1098/rsif.2008.0155", "title": ["Jaws"], "subtitle": ["of caecilians"], "container-title": ["J"], "volume": "5", "page": "1-2",
                "published": {"date-parts": [[2008, 1]]}, "author": [{"family": "Haas", "given": "A", "ORCID": "https://orcid.org/0000-0002-1825-0097",
                "affiliation": [{"name": "UHH"}]}, {"name": "Group"}], "license": [{"URL": "https://creativecommons.org/licenses/by/4.0/"}],
                "funder": [{"name": "DFG", "award": ["1"]}], "reference": [{"DOI": "10.5072/science3d.7h3k9x2q4"}], "abstract": "<jats:p>Words &amp; more</jats:p>",
                "relation": {"is-supplemented-by": [{"id-type": "doi", "id": "10.5072/x"}]}, "language": "en"}
    save("crossref", "work.json", json.dumps(crossref).encode())
    datacite = {"doi": "10.1/x", "titles": [{"title": "T"}, {"title": "U", "titleType": "Subtitle"}], "publicationYear": 2008, "container": {"title": "J", "firstPage": "1", "lastPage": "2"},
                "creators": [{"name": "Haas, Alexander", "affiliation": ["UHH"], "nameIdentifiers": [{"nameIdentifier": "0000-0002-1825-0097"}]},
                {"name": "Group", "nameType": "Organizational"}], "rightsList": [{"rightsIdentifier": "cc-by-4.0"}], "subjects": [{"subject": "skull"}],
                "descriptions": [{"descriptionType": "Abstract", "description": "D"}], "fundingReferences": [{"funderName": "DFG", "awardNumber": "1"}],
                "relatedIdentifiers": [{"relationType": "Cites", "relatedIdentifier": "10.5072/x"}], "publisher": {"name": "P"}, "language": "de"}
    save("datacite", "attributes.json", json.dumps(datacite).encode())
    save("fieldmap", "table.txt", b"# mine\n\nmarcxml 0247_a[2=doi] doi\nmarcxml 245a title\noai_dc creator author\n")
    said = {"title": "Jaw", "creators": [{"family": "Haas", "given": "A", "affiliations": [{"name": "UHH", "ror": "https://ror.org/00g30e956"}], "roles": ["software"]}],
            "licence": "CC-BY-4.0", "sample": {"organism": "Ichthyophis", "taxon_id": 194533, "collected_on": "1998-05", "cas": "471-34-1", "latitude_deg": 1.5, "longitude_deg": 2},
            "acquisition": {"voxel_size_um": [5, 5, 5], "energy_kev": 17.5, "date": "2008-01-31", "facility": "DESY", "technique": "PaNET01208"},
            "article": {"year": 2008, "pages": "1-2", "issn": "1742-5689", "doi": "10.1098/x"}, "dates": [{"date": "1998/1999", "type": "Created"}],
            "related": [{"relation": "Cites", "target": {"record": "h0st11e00"}}], "funding": [{"funder": "DFG", "funder_id": "https://ror.org/018mejw64"}],
            "titles": [{"title": "Kiefer", "type": "TranslatedTitle", "language": "de"}], "identifiers": [{"identifier": "1", "scheme": "EMPIAR"}]}
    save("metadata", "record.json", json.dumps(said).encode())
    save("oaiquestion", "list.txt", b"verb=ListRecords&metadataPrefix=oai_dc&from=2026-01-01&until=2026-11-23T00:00:00Z&set=open")
    save("oaiquestion", "token.txt", b"oai_dc!!!open!7!500!1200!1795538880!00000000")
    save("accept", "browser.txt", b"text/html,application/ld+json; profile=\"https://w3id.org/ro/crate\";q=0.9,text/x-bibliography; style=apa; locale=de-DE,*/*;q=0.8")
    save("accept", "licence.txt", b"https://creativecommons.org/licenses/by-nc-sa/2.0/fr/legalcode")


make_answers()
make_described()
make_models()
make_tiff()
make_nifti()
make_metaimage()
make_amira()
make_dicom()
make_mrc()
make_nrrd()
make_png()
make_bmp()
make_photographs()
make_hdf5()
make_hdf5_layouts()
make_archives()
make_zeiss()
make_scanco()
make_aim()
