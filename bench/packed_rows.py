"""The rows about packed volumes: compressed TIFF slices and HDF5 chunks to OME-Zarr, against Python's decoders feeding the quickest writers."""
import os
import shutil

import numpy
import tifffile

from servers import Skipped, say
from table import Row
from volume_rows import SAME_CODEC, convert, run_peers, write_slices

WRITERS = ["ome-zarr-pyramid", "acquire-zarr"]
TIFF = {
    "deflate": {"compression": "zlib"},
    "LZW with differences": {"compression": "lzw", "predictor": True},
    "zstd": {"compression": "zstd"},
}
HDF5 = {
    "gzip": {"compression": "gzip", "compression_opts": 4},
    "shuffle and gzip": {"compression": "gzip", "compression_opts": 4, "shuffle": True},
    "bitshuffle with LZ4": {},
}


def compare(program, source, folder, row, rounds):
    out = os.path.join(folder, "out.ome.zarr")
    absent, same = {}, []
    for turn in range(rounds):
        ours, alike = convert(program, source, out), convert(program, source, out, "--codec", SAME_CODEC)
        peers = run_peers(WRITERS, source, out, absent)
        name = min(peers, key=lambda peer: peers[peer].seconds)
        row.add(ours.seconds, peers[name].seconds, peers[name].seconds / ours.seconds)
        same.append(peers[name].seconds / alike.seconds)
        say(f"  {row.what}: ours {ours.seconds:.2f} s, {name} {peers[name].seconds:.2f} s")
        row.remark = f"{name}; with its codec {sorted(same)[len(same) // 2]:.2f} ×; per processor second {peers[name].cpu_seconds / ours.cpu_seconds:.2f} ×"
    row.remark += "".join(f"; {name} {why}" for name, why in sorted(absent.items()))
    shutil.rmtree(out)
    return row


def tiff(program, folder, sizes):
    """tifffile with imagecodecs decodes in as many threads as there are processors."""
    plain = os.path.join(folder, "plain")
    write_slices(plain, sizes.packed_depth, sizes.packed_side)
    for name, how in TIFF.items():
        packed = os.path.join(folder, "packed")
        os.makedirs(packed)
        for slice_ in sorted(os.listdir(plain)):
            tifffile.imwrite(os.path.join(packed, slice_), tifffile.imread(os.path.join(plain, slice_)), rowsperstrip=64, **how)
        yield compare(program, packed, folder, Row(f"TIFF slices packed by {name}, {sizes.packed_depth} of {sizes.packed_side}²: against tifffile and the quickest writer", "s", 2.0), sizes.rounds)
        shutil.rmtree(packed)


def hdf5(program, folder, sizes):
    """h5py with hdf5plugin; each slice is a chunk."""
    try:
        import h5py
        import hdf5plugin
    except ImportError as missing:
        raise Skipped(f"{missing}") from missing
    plain = os.path.join(folder, "plain")
    write_slices(plain, sizes.packed_depth, sizes.packed_side)
    names = sorted(os.listdir(plain))
    for name, how in HDF5.items():
        path = os.path.join(folder, "packed.h5")
        how = how or dict(hdf5plugin.Bitshuffle(cname="lz4"))
        with h5py.File(path, "w") as file:
            shape = (len(names), sizes.packed_side, sizes.packed_side)
            data = file.create_dataset("volume", shape, numpy.uint16, chunks=(1, *shape[1:]), **how)
            for z, slice_ in enumerate(names):
                data[z] = tifffile.imread(os.path.join(plain, slice_))
        yield compare(program, path, folder, Row(f"HDF5 chunks packed by {name}, {sizes.packed_depth} × {sizes.packed_side}²: against h5py and the quickest writer", "s", 3.0), sizes.rounds)
        os.unlink(path)
