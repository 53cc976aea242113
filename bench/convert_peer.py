"""One peer converts a folder of TIFF slices, or the dataset `volume` of an HDF5 file, to an OME-Zarr pyramid; a process of its
own, so that time and memory are the peer's.

Usage: convert_peer.py PEER SOURCE OUT LEVELS. Each peer is set as its documentation advises for speed: chunks of 64, shards of
256, blosc with zstd 3 and a bit shuffle, means of two along each axis, all processors; slices are decoded by as many threads.
Prints the seconds that the conversion took, without those in which Python loaded its libraries. Exit status 3: not installed.
"""
import glob
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy

CHUNK, SHARD = 64, 256
PROCESSORS = len(os.sched_getaffinity(0))
NOT_INSTALLED = 3
peer, source, out, levels = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])


class Slices:
    """A folder of TIFF files; the decoders let go of Python's lock, so threads serve them."""

    def __init__(self):
        import tifffile

        self.decode = tifffile.imread
        self.names = sorted(glob.glob(os.path.join(source, "*.tif")))
        plane = self.decode(self.names[0])
        self.shape, self.dtype = (len(self.names), *plane.shape), plane.dtype
        self.threads = ThreadPoolExecutor(PROCESSORS)

    def planes(self, first, end):
        block = numpy.empty((end - first, *self.shape[1:]), self.dtype)

        def one(index):
            block[index - first] = self.decode(self.names[index])

        list(self.threads.map(one, range(first, end)))
        return block


class Dataset:
    """h5py with the filters of hdf5plugin; the library decodes one chunk at a time."""

    def __init__(self):
        import h5py
        import hdf5plugin  # noqa: F401

        self.data = h5py.File(source)["volume"]
        self.shape, self.dtype = self.data.shape, self.data.dtype

    def planes(self, first, end):
        return self.data[first:end]


def halved(block):
    block = block[: block.shape[0] // 2 * 2, : block.shape[1] // 2 * 2, : block.shape[2] // 2 * 2]
    wide = block[0::2].astype(numpy.uint32)
    wide += block[1::2]
    wide = wide[:, 0::2] + wide[:, 1::2]
    return ((wide[:, :, 0::2] + wide[:, :, 1::2]) >> 3).astype(kind)


def one_pass(write):
    """Slabs as deep as a shard; `write(level, z, block)` gets every level's slabs in order."""
    waiting = [[] for _ in range(levels)]
    written = [0] * levels

    def take(level, block, last):
        waiting[level].append(block)
        if not last and sum(part.shape[0] for part in waiting[level]) < SHARD:
            return
        whole = waiting[level][0] if len(waiting[level]) == 1 else numpy.concatenate(waiting[level])
        waiting[level] = []
        write(level, written[level], whole)
        written[level] += whole.shape[0]

    for first in range(0, shape[0], SHARD):
        block, last = planes(first, min(shape[0], first + SHARD)), first + SHARD >= shape[0]
        for level in range(levels):
            take(level, block, last)
            block = halved(block)


def level_shapes():
    found = [shape]
    while len(found) < levels:
        found.append(tuple((side + 1) // 2 for side in found[-1]))
    return found


def with_ome_zarr_pyramid():
    from ome_zarr_pyramid import Pyramid, io
    from ome_zarr_pyramid.utils.compressor_config import CompressorConfig

    class Lazy:
        ndim, chunks = 3, (CHUNK, *shape[1:])

        def __init__(self):
            self.shape, self.dtype = shape, numpy.dtype(kind)

        def __getitem__(self, key):
            key = key if isinstance(key, tuple) else (key,)
            z = key[0] if isinstance(key[0], slice) else slice(key[0], key[0] + 1)
            first, end, _ = z.indices(shape[0])
            return planes(first, end)[(slice(None), *key[1:])]

    pyramid = Pyramid().from_arrays([Lazy()], axis_order="zyx", unit_list=["micrometer"] * 3, scales=[[10.0] * 3], version="0.5", name="image")
    packing = CompressorConfig(name="blosc", params={"cname": "zstd", "clevel": 3, "shuffle": "bitshuffle"})
    small = pyramid.downscale(n_layers=levels, downscale_method="mean")
    io.write_pyramid(small, out, overwrite=True, chunk_shape=(CHUNK,) * 3, shard_coefficients=(SHARD // CHUNK,) * 3, max_threads=PROCESSORS, compressor=packing)


def with_acquire_zarr():
    import acquire_zarr as aqz

    packing = aqz.CompressionSettings(compressor=aqz.Compressor.BLOSC1, codec=aqz.CompressionCodec.BLOSC_ZSTD, level=3, shuffle=2)
    axes = [
        aqz.Dimension(name=name, kind=aqz.DimensionType.SPACE, array_size_px=size, chunk_size_px=CHUNK, shard_size_chunks=SHARD // CHUNK, unit="micrometer", scale=10.0)
        for name, size in zip("zyx", shape)
    ]
    settings = aqz.StreamSettings(store_path=out, overwrite=True, version=aqz.ZarrVersion.V3, max_threads=PROCESSORS)
    settings.arrays = [
        aqz.ArraySettings(output_key="", compression=packing, data_type=aqz.DataType.UINT16, dimensions=axes, downsampling_method=aqz.DownsamplingMethod.MEAN, max_levels=levels)
    ]
    stream = aqz.ZarrStream(settings)
    for first in range(0, shape[0], CHUNK):
        stream.append(planes(first, min(shape[0], first + CHUNK)))
    stream.close()


def with_tensorstore():
    import tensorstore

    def level(number, size):
        codecs = [
            {"name": "bytes", "configuration": {"endian": "little"}},
            {"name": "blosc", "configuration": {"cname": "zstd", "clevel": 3, "shuffle": "bitshuffle", "typesize": kind.itemsize, "blocksize": 0}},
        ]
        index = [{"name": "bytes", "configuration": {"endian": "little"}}, {"name": "crc32c"}]
        sharding = {"name": "sharding_indexed", "configuration": {"chunk_shape": [CHUNK] * 3, "codecs": codecs, "index_codecs": index}}
        metadata = {
            "shape": list(size),
            "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [SHARD] * 3}},
            "chunk_key_encoding": {"name": "default"},
            "data_type": kind.name,
            "fill_value": 0,
            "codecs": [sharding],
        }
        store = {"driver": "file", "path": os.path.join(out, str(number)), "file_io_sync": False}
        return tensorstore.open({"driver": "zarr3", "kvstore": store, "metadata": metadata, "create": True, "delete_existing": True}).result()

    arrays = [level(number, size) for number, size in enumerate(level_shapes())]
    pending = []

    def write(level, z, block):
        while len(pending) > 2 * levels:
            pending.pop(0)[0].result()
        pending.append((arrays[level][z : z + block.shape[0]].write(block, can_reference_source_data_indefinitely=True), block))

    one_pass(write)
    for future, _ in pending:
        future.result()


def with_zarr_python_and_zarrs():
    import zarr
    import zarrs  # noqa: F401

    zarr.config.set({"codec_pipeline.path": "zarrs.ZarrsCodecPipeline", "threading.max_workers": PROCESSORS})
    packing = zarr.codecs.BloscCodec(cname="zstd", clevel=3, shuffle="bitshuffle", typesize=kind.itemsize)
    group = zarr.open_group(out, mode="w")
    arrays = [
        group.create_array(str(number), shape=size, chunks=(CHUNK,) * 3, shards=(SHARD,) * 3, dtype=kind, compressors=[packing]) for number, size in enumerate(level_shapes())
    ]

    def write(level, z, block):
        arrays[level][z : z + block.shape[0]] = block

    one_pass(write)


PEERS = {
    "ome-zarr-pyramid": with_ome_zarr_pyramid,
    "acquire-zarr": with_acquire_zarr,
    "tensorstore": with_tensorstore,
    "zarr-python+zarrs": with_zarr_python_and_zarrs,
}

WRITERS = {"ome-zarr-pyramid": "ome_zarr_pyramid", "acquire-zarr": "acquire_zarr", "tensorstore": "tensorstore", "zarr-python+zarrs": "zarrs"}

try:
    __import__(WRITERS[peer])
    volume = Dataset() if os.path.isfile(source) else Slices()
except ImportError as missing:
    sys.stderr.write(f"{missing}\n")
    sys.exit(NOT_INSTALLED)
planes, shape, kind = volume.planes, volume.shape, volume.dtype
begun = time.monotonic()
PEERS[peer]()
print(time.monotonic() - begun)
