"""Writes Zarr 2, Zarr 3, OME-Zarr and N5 containers with zarr-python and numcodecs, and beside each what must be read.

Called by containers.rs with the folder to fill. Each container NAME gets NAME.json: shape, dtype, dataset, voxel size in
micrometres, and NAME.raw: the little-endian voxels.
"""

import gzip
import json
import bz2
import struct
import sys
import zlib
from pathlib import Path

import numcodecs
import numpy as np
import zarr

folder = Path(sys.argv[1])
random = np.random.default_rng(7)


def voxels(shape, dtype):
    numbers = np.indices(shape).sum(0) * 3 + random.integers(0, 5, shape)
    return (numbers % 2 if np.dtype(dtype).kind == "b" else numbers).astype(dtype)


def expect(name, data, dataset=None, voxel_size_um=None):
    if data.dtype == bool:
        data = data.astype("u1")
    if data.dtype == np.dtype("f2") or data.dtype == np.dtype(">f2"):
        data = data.astype("f4")
    plain = np.ascontiguousarray(data.astype(data.dtype.newbyteorder("<")))
    (folder / f"{name}.raw").write_bytes(plain.tobytes())
    told = {"shape": data.shape, "dtype": plain.dtype.name, "dataset": dataset, "voxel_size_um": voxel_size_um}
    (folder / f"{name}.json").write_text(json.dumps(told))


def array(name, data, **options):
    """All voxels but those of one corner, which keep the fill value."""
    target = zarr.create_array(folder / name, shape=data.shape, dtype=data.dtype, fill_value=1, **options)
    corner = tuple(slice(0, size // 2) for size in data.shape)
    kept = data.copy()
    for axis, size in enumerate(data.shape):
        part = tuple(slice(size // 2, None) if a == axis else slice(None) for a in range(data.ndim))
        target[part] = data[part]
    kept[corner] = target[corner]
    expect(name, kept)


SHAPE, CHUNKS = (37, 30, 41), (16, 8, 20)
SECOND = {
    "raw": None,
    "zlib": numcodecs.Zlib(1),
    "gzip": numcodecs.GZip(1),
    "zstd": numcodecs.Zstd(1),
    "lz4": numcodecs.LZ4(),
    "bz2": numcodecs.BZ2(1),
}
for inner in ["lz4", "lz4hc", "zlib", "zstd", "blosclz"]:
    for shuffle in [0, 1, 2]:
        SECOND[f"blosc-{inner}-{shuffle}"] = numcodecs.Blosc(inner, 5, shuffle)
for number, (codec, compressor) in enumerate(SECOND.items()):
    array(f"v2-{codec}", voxels(SHAPE, "<u2"), zarr_format=2, chunks=CHUNKS, compressors=compressor)
for dtype in ["|u1", "|i1", ">u2", "<i2", ">i4", "<u4", "<f4", ">f8", "<f2", "|b1"]:
    name = dtype.strip("|").replace("<", "le").replace(">", "be")
    array(f"v2-{name}-F", voxels(SHAPE, dtype), zarr_format=2, chunks=CHUNKS, order="F", compressors=numcodecs.Zstd(1),
          chunk_key_encoding={"name": "v2", "separator": "/"})
for name, filters in {
    "delta": [numcodecs.Delta("<i4")],
    "shuffle": [numcodecs.Shuffle(4)],
    "crc32": [numcodecs.CRC32()],
    "adler32": [numcodecs.Adler32()],
}.items():
    array(f"v2-filter-{name}", voxels(SHAPE, "<i4"), zarr_format=2, chunks=CHUNKS, filters=filters, compressors=numcodecs.Zlib(1))

blosc = zarr.codecs.BloscCodec(cname="lz4", shuffle="bitshuffle", typesize=4)
THIRD = {
    "raw": {},
    "gzip": {"compressors": zarr.codecs.GzipCodec()},
    "zstd": {"compressors": zarr.codecs.ZstdCodec()},
    "blosc": {"compressors": blosc},
    "crc32c": {"compressors": [zarr.codecs.ZstdCodec(), zarr.codecs.Crc32cCodec()]},
    "transpose": {"filters": zarr.codecs.TransposeCodec(order=(2, 0, 1)), "compressors": zarr.codecs.GzipCodec()},
    "big": {"serializer": zarr.codecs.BytesCodec(endian="big")},
    "shards": {"shards": (32, 16, 40)},
    "v2-keys": {"chunk_key_encoding": {"name": "v2", "separator": "."}},
    "dots": {"chunk_key_encoding": {"name": "default", "separator": "."}},
    "shards-index-first": {
        "chunks": (32, 16, 40),
        "serializer": zarr.codecs.ShardingCodec(chunk_shape=CHUNKS, index_location="start", codecs=[zarr.codecs.BytesCodec(), zarr.codecs.GzipCodec()]),
        "compressors": None,
    },
    "shards-in-shards": {
        "chunks": (32, 16, 40),
        "serializer": zarr.codecs.ShardingCodec(
            chunk_shape=CHUNKS,
            codecs=[zarr.codecs.ShardingCodec(chunk_shape=(8, 4, 10), codecs=[zarr.codecs.TransposeCodec(order=(2, 1, 0)), zarr.codecs.BytesCodec(), zarr.codecs.ZstdCodec()])],
        ),
        "compressors": None,
    },
    "turned-shards": {
        "chunks": (32, 32, 32),
        "filters": zarr.codecs.TransposeCodec(order=(1, 2, 0)),
        "serializer": zarr.codecs.ShardingCodec(chunk_shape=(8, 16, 32)),
        "compressors": zarr.codecs.GzipCodec(),
    },
}
for name, options in THIRD.items():
    array(f"v3-{name}", voxels(SHAPE, "<f4"), zarr_format=3, **{"chunks": CHUNKS, "compressors": None, **options})
for dtype in ["bool", "float16", "int8", "float64"]:
    array(f"v3-{dtype}", voxels(SHAPE, dtype), zarr_format=3, chunks=CHUNKS)


def ome(name, data, axes, scale, zarr_format, whole=None, **wish):
    group = zarr.create_group(folder / name, zarr_format=zarr_format)
    chunks = tuple(min(size, 16) for size in data.shape)
    target = group.create_array("A/0", shape=data.shape, dtype=data.dtype, chunks=chunks)
    target[...] = data
    group.create_array("A/1", shape=tuple(max(size // 2, 1) for size in data.shape), dtype=data.dtype, chunks=chunks)
    steps = lambda factor: [{"type": "scale", "scale": [number * factor for number in scale]}]
    multiscale = {"axes": axes, "datasets": [{"path": f"A/{level}", "coordinateTransformations": steps(2**level)} for level in range(2)]}
    if whole:
        multiscale["coordinateTransformations"] = [{"type": "scale", "scale": whole}]
    if zarr_format == 2:
        group.attrs["multiscales"] = [{**multiscale, "version": "0.4"}]
    else:
        group.attrs["ome"] = {"version": "0.5", "multiscales": [multiscale]}


space = [{"name": name, "type": "space", "unit": "nanometer"} for name in "zyx"]
both = [{"name": "t", "type": "time", "unit": "second"}, {"name": "c", "type": "channel"}, *space]
plain = voxels((20, 18, 17), "<u2")
for zarr_format in [2, 3]:
    ome(f"ome{zarr_format}-3d", plain, space, [500, 250, 250], zarr_format, whole=[2, 1, 1])
    expect(f"ome{zarr_format}-3d", plain, None, [1.0, 0.25, 0.25])
    ome(f"ome{zarr_format}-single", plain[None, None], both, [1, 1, 500, 250, 250], zarr_format)
    expect(f"ome{zarr_format}-single", plain, None, [0.5, 0.25, 0.25])
    several = voxels((2, 3, 20, 18, 17), "<u2")
    ome(f"ome{zarr_format}-several", several, both, [1, 1, 500, 250, 250], zarr_format)
    expect(f"ome{zarr_format}-several", several[1, 2], "t=1,c=2", [0.5, 0.25, 0.25])
    turned = [space[2], space[0], space[1]]
    ome(f"ome{zarr_format}-turned", plain, turned, [100, 500, 250], zarr_format)
    expect(f"ome{zarr_format}-turned", plain.transpose(1, 2, 0), None, [0.5, 0.25, 0.1])


def n5(name, data, compression, pack, blocks=(8, 16, 20), attributes=None, leave_out=()):
    """`data` is z, y, x; N5 counts x first and writes big-endian."""
    base = folder / name
    (base / "s0").mkdir(parents=True)
    (base / "attributes.json").write_text(json.dumps({"n5": "2.5.0", **(attributes or {})}))
    dimensions = data.shape[::-1]
    block_size = blocks[::-1]
    told = {"dimensions": dimensions, "blockSize": block_size, "dataType": data.dtype.name, "compression": compression}
    (base / "s0" / "attributes.json").write_text(json.dumps(told))
    kept = data.copy()
    counts = [-(-size // block) for size, block in zip(data.shape, blocks)]
    for place in np.ndindex(*counts):
        part = tuple(slice(at * block, (at + 1) * block) for at, block in zip(place, blocks))
        if place in leave_out:
            kept[part] = 0
            continue
        block = data[part]
        head = struct.pack(">HH", 0, 3) + struct.pack(">III", *block.shape[::-1])
        target = base / "s0" / Path(*[str(at) for at in place[::-1]])
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(head + pack(block.astype(block.dtype.newbyteorder(">")).tobytes()))
    return kept


PACK = {
    "raw": ({"type": "raw"}, bytes),
    "gzip": ({"type": "gzip", "level": -1}, gzip.compress),
    "zlib": ({"type": "gzip", "useZlib": True}, zlib.compress),
    "bzip2": ({"type": "bzip2", "blockSize": 9}, bz2.compress),
    "zstd": ({"type": "zstd", "level": 3}, numcodecs.Zstd(3).encode),
    "blosc": ({"type": "blosc", "cname": "lz4", "clevel": 5, "shuffle": 1}, numcodecs.Blosc("lz4", 5, 1).encode),
}
for name, (compression, pack) in PACK.items():
    resolution = {"pixelResolution": {"unit": "um", "dimensions": [0.5, 0.75, 2.0]}}
    kept = n5(f"n5-{name}", voxels((21, 33, 45), "uint16"), compression, lambda data: bytes(pack(data)), attributes=resolution, leave_out=[(1, 1, 1)])
    expect(f"n5-{name}", kept, None, [2.0, 0.75, 0.5])
