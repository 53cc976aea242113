"""Makes HDF5 files of every kind with h5py, and says what h5py reads in them. Usage: hdf5_made.py FOLDER

Prints a JSON list: file, dataset asked for (or none), shape, type and SHA-256 of the little-endian voxels, or a word
that the refusal must hold.
"""
import hashlib, json, os, sys
import h5py, hdf5plugin, numpy as np

folder = sys.argv[1]
os.chdir(folder)
cases = []
random = np.random.default_rng(7)


def voxels(shape, dtype="<u2"):
    noise = random.integers(0, 200, shape) + np.arange(shape[-1]) * 3
    return noise.astype(dtype)


def told(file, data, dataset=None, found=None, channel=None):
    data = np.asarray(data)
    if data.dtype.kind == "f" and data.dtype.itemsize == 2:
        data = data.astype("<f4")
    little = np.ascontiguousarray(data.astype(data.dtype.newbyteorder("<")))
    cases.append({"file": file, "dataset": dataset, "channel": channel, "shape": list(data.shape), "type": data.dtype.name.replace("bool", "uint8"),
                  "sha256": hashlib.sha256(little.tobytes()).hexdigest(), "found": found or {}})


def refused(file, word, dataset=None):
    cases.append({"file": file, "dataset": dataset, "refused": word})


def one(name, data, libver="latest", dataset="data", **options):
    with h5py.File(name, "w", libver=libver) as file:
        made = file.create_dataset(dataset, data=data, **options)
        read = made[()]
    told(name, read)


shape = (21, 37, 45)
for libver in ["earliest", "v108", "v110", "v114", "latest"]:
    one(f"contiguous_{libver}.h5", voxels(shape), libver)
    one(f"chunked_{libver}.h5", voxels(shape), libver, chunks=(4, 16, 16))
    one(f"gzip_{libver}.h5", voxels(shape), libver, chunks=(1, 37, 45), compression="gzip", shuffle=True)
    one(f"grows_{libver}.h5", voxels(shape), libver, chunks=(2, 16, 45), maxshape=(None, 37, 45), compression="gzip")
    one(f"grows_plain_{libver}.h5", voxels(shape), libver, chunks=(1, 8, 8), maxshape=(40, 37, None))
    one(f"grows_twice_{libver}.h5", voxels(shape), libver, chunks=(2, 16, 16), maxshape=(None, None, 45), compression="gzip")
    one(f"single_{libver}.h5", voxels(shape), libver, chunks=shape, compression="gzip")
    one(f"single_plain_{libver}.h5", voxels(shape), libver, chunks=shape)
    one(f"may_grow_{libver}.h5", voxels(shape), libver, chunks=(4, 16, 16), maxshape=(50, 60, 70), compression="lzf")
    one(f"many_{libver}.h5", voxels((5, 200, 230), "u1"), libver, chunks=(1, 4, 4), maxshape=(None, 200, 230))
    one(f"many_fixed_{libver}.h5", voxels((5, 200, 230), "u1"), libver, chunks=(1, 4, 4), compression="gzip", compression_opts=1)
    with h5py.File(f"dense_{libver}.h5", "w", libver=libver) as file:
        group = file.create_group("many")
        for number in range(300):
            group.create_group(f"a longer name of a group {number:04}")
        group.create_dataset("volume", data=voxels(shape))
        for number in range(60):
            group["volume"].attrs[f"attribute {number}"] = f"value {number}"
        group["volume"].attrs["element_size_um"] = [3.0, 2.0, 2.5]
        told(f"dense_{libver}.h5", group["volume"][()], found={"voxel_size_um": [3.0, 2.0, 2.5]})

with h5py.File("implicit.h5", "w", libver="latest") as file:
    create = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    create.set_chunk((4, 16, 16))
    create.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    space = h5py.h5s.create_simple(shape)
    made = h5py.Dataset(h5py.h5d.create(file.id, b"data", h5py.h5t.NATIVE_UINT16, space, create))
    made[()] = voxels(shape)
    told("implicit.h5", made[()])
everything = h5py.h5s.UNLIMITED
for stored in [2, 21, 40]:
    # The source grew, or was cut, after the virtual dataset was made.
    with h5py.File(f"grown_{stored}_part.h5", "w", libver="latest") as file:
        file.create_dataset("data", data=voxels(shape), chunks=(1, 37, 45), maxshape=(None, 37, 45))
    with h5py.File(f"grown_{stored}.h5", "w", libver="latest") as file:
        layout = h5py.VirtualLayout((stored, 37, 45), "<u2", maxshape=(None, 37, 45))
        source = h5py.VirtualSource(f"grown_{stored}_part.h5", "data", (stored, 37, 45), "<u2", maxshape=(None, 37, 45))
        layout[:everything, :, :] = source[:everything, :, :]
        file.create_virtual_dataset("data", layout)
    with h5py.File(f"grown_{stored}.h5") as file:
        told(f"grown_{stored}.h5", file["data"][()])
with h5py.File("turned_part.h5", "w") as file:
    file["data"] = voxels((6, 37, 45), ">f4")
with h5py.File("turned.h5", "w", libver="latest") as file:
    # Slices that lie one after the other, and rows between others.
    layout = h5py.VirtualLayout((8, 37, 45), "<f4")
    layout[:4] = h5py.VirtualSource("turned_part.h5", "data", (6, 37, 45), ">f4")[:4]
    layout[4:6, ::2] = h5py.VirtualSource("turned_part.h5", "data", (6, 37, 45), ">f4")[4:, ::2]
    file.create_virtual_dataset("data", layout, fillvalue=3)
with h5py.File("turned.h5") as file:
    told("turned.h5", file["data"][()])
for lost in [None, 1, 2]:
    name = f"numbered_{lost}"
    for number in range(3):
        if number != lost:
            with h5py.File(f"{name}-{number}.h5", "w", libver="latest") as file:
                file["data"] = voxels((5, 37, 45))
    with h5py.File(f"{name}.h5", "w", libver="latest") as file:
        create = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        to = h5py.h5s.create_simple((5, 37, 45), (h5py.h5s.UNLIMITED, 37, 45))
        to.select_hyperslab((0, 0, 0), (h5py.h5s.UNLIMITED, 1, 1), (5, 1, 1), (5, 37, 45))
        create.set_virtual(to, f"{name}-%b.h5".encode(), b"data", h5py.h5s.create_simple((5, 37, 45)))
        space = h5py.h5s.create_simple((5, 37, 45), (h5py.h5s.UNLIMITED, 37, 45))
        h5py.h5d.create(file.id, b"data", h5py.h5t.STD_U16LE, space, create)
    with h5py.File(f"{name}.h5") as file:
        if lost == 1:
            refused(f"{name}.h5", "numbered_1-1.h5")
        else:
            told(f"{name}.h5", file["data"][()])
with h5py.File("bit_field.h5", "w") as file:
    mask = (voxels(shape) % 2).astype("u1")
    made = h5py.h5d.create(file.id, b"mask", h5py.h5t.STD_B8LE, h5py.h5s.create_simple(shape))
    made.write(h5py.h5s.ALL, h5py.h5s.ALL, mask, mtype=h5py.h5t.STD_B8LE)
    told("bit_field.h5", mask)
with h5py.File("channel_of_one.h5", "w") as file:
    file["data"] = voxels((*shape, 1))
    told("channel_of_one.h5", file["data"][..., 0])
with h5py.File("compact.h5", "w") as file:
    create = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    create.set_layout(h5py.h5d.COMPACT)
    space = h5py.h5s.create_simple((5, 6, 7))
    made = h5py.Dataset(h5py.h5d.create(file.id, b"data", h5py.h5t.NATIVE_UINT16, space, create))
    made[()] = voxels((5, 6, 7))
    told("compact.h5", made[()])

for dtype in ["u1", "i1", "<u2", ">u2", "<i2", ">i2", "<u4", ">u4", "<i4", ">i4", "<u8", ">i8", "<f2", ">f2", "<f4", ">f4", "<f8", ">f8"]:
    name = dtype.replace("<", "little_").replace(">", "big_")
    one(f"type_{name}.h5", voxels(shape, dtype))
    one(f"type_chunked_{name}.h5", voxels(shape, dtype), chunks=(5, 20, 20), compression="gzip", shuffle=True)

plugins = {
    "bitshuffle_lz4": hdf5plugin.Bitshuffle(), "bitshuffle_zstd": hdf5plugin.Bitshuffle(cname="zstd"),
    "bitshuffle_none": hdf5plugin.Bitshuffle(cname="none"), "bitshuffle_64": hdf5plugin.Bitshuffle(nelems=64),
    "lz4": hdf5plugin.LZ4(), "lz4_small": hdf5plugin.LZ4(nbytes=4096), "zstd": hdf5plugin.Zstd(), "bzip2": hdf5plugin.BZip2(),
}
for compressor in ["blosclz", "lz4", "lz4hc", "zlib", "zstd"]:
    for kind, shuffle in [("no", 0), ("byte", 1), ("bit", 2)]:
        plugins[f"blosc_{compressor}_{kind}"] = hdf5plugin.Blosc(cname=compressor, shuffle=shuffle)
for name, filters in plugins.items():
    for dtype in ["u1", "<u2", ">f4", "<f8"]:
        one(f"{name}_{dtype.strip('<>')}.h5", voxels(shape, dtype), chunks=(3, 37, 45), **filters)
one("fletcher.h5", voxels(shape), chunks=(3, 37, 45), fletcher32=True)
one("all_three.h5", voxels((20, 33, 51), "<f4"), chunks=(3, 11, 17), fletcher32=True, shuffle=True, compression="gzip")
one("odd_fletcher.h5", voxels((3, 5, 7), "u1"), chunks=(3, 5, 7), fletcher32=True)
one("lzf_shuffle.h5", voxels(shape), chunks=(3, 37, 45), compression="lzf", shuffle=True)
one("lzf_noise.h5", random.integers(0, 65536, shape).astype("<u2"), chunks=(3, 37, 45), compression="lzf")
one("deep.h5", voxels((150, 20, 30)), chunks=(100, 7, 30), compression="gzip")
one("deeper.h5", voxels((300, 20, 30)), chunks=(300, 1, 30), compression="gzip")
if "szip" in h5py.filters.encode:
    with h5py.File("szip.h5", "w") as file:
        file.create_dataset("data", data=voxels(shape), chunks=(3, 37, 45), compression="szip")
        told("szip.h5", file["data"][()])
    kinds = {"noise": random.integers(0, 1 << 63, shape, "u8"), "smooth": voxels(shape, "u8"), "sparse": np.zeros(shape, "u8")}
    kinds["sparse"][::7, ::5, ::9] = 3
    kinds["steps"] = (np.arange(shape[-1], dtype="u8") // 13 * 1000) + random.integers(0, 3, shape, "u8")
    for method in ["nn", "ec"]:
        for block in [4, 8, 32]:
            for chunks in [(3, 37, 45), (2, 16, 32), (1, 1, 45)]:
                for kind, values in kinds.items():
                    for dtype in ["u1", "<i2", ">u2", "<u4", ">f4", "<f8"]:
                        name = f"szip_{method}_{block}_{chunks[1]}_{kind}_{dtype.strip('<>')}.h5"
                        if chunks[0] * chunks[1] * chunks[2] >= block:
                            one(name, values.astype(dtype), chunks=chunks, compression="szip", compression_opts=(method, block))
    one("szip_shuffled.h5", voxels(shape), chunks=(3, 37, 45), compression="szip", shuffle=True, fletcher32=True)
for order in ["LE", "BE"]:
    for sign, bytes_, precision, offset in [("U", 2, 12, 0), ("U", 2, 12, 3), ("I", 2, 11, 2), ("I", 4, 17, 5), ("U", 1, 5, 1), ("I", 8, 33, 7), ("U", 2, 16, 0)]:
        for filtered in [True, False]:
            name = f"bits_{order}_{sign}{bytes_}_{precision}_{offset}_{'n_bit' if filtered else 'plain'}.h5"
            with h5py.File(name, "w") as file:
                kind = getattr(h5py.h5t, f"STD_{sign}{8 * bytes_}{order}").copy()
                kind.set_precision(precision)
                kind.set_offset(offset)
                create = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
                create.set_chunk((4, 16, 16))
                if filtered:
                    create.set_filter(5, h5py.h5z.FLAG_MANDATORY, ())
                made = h5py.Dataset(h5py.h5d.create(file.id, b"data", kind, h5py.h5s.create_simple(shape), create))
                low = -(1 << (precision - 1)) if sign == "I" else 0
                made.id.write(h5py.h5s.ALL, h5py.h5s.ALL, random.integers(low, low + (1 << precision), shape, "i8"))
                read = np.zeros(shape, f"{sign.lower()}{bytes_}")
                made.id.read(h5py.h5s.ALL, h5py.h5s.ALL, read)
                told(name, read)
for number, dtype in enumerate(["u1", "i1", "<u2", ">u2", "<i2", "<u4", ">i4", "<u8", "<i8"]):
    values = (voxels(shape, "i8") - (400 if dtype[-2] == "i" else 0)).clip(-120 if dtype == "i1" else None, 120 if dtype[-1] == "1" else None)
    one(f"scale_offset_{number}.h5", values.astype(dtype), chunks=(3, 37, 45), scaleoffset=0)
    one(f"scale_offset_none_{number}.h5", values.astype(dtype), chunks=(3, 37, 45), scaleoffset=0, fillvalue=7)
one("scale_offset_even.h5", np.full(shape, 40_000, "<u2"), chunks=(3, 37, 45), scaleoffset=0)
one("scale_offset_wide.h5", random.integers(0, 65536, shape).astype("<u2"), chunks=(3, 37, 45), scaleoffset=0, shuffle=True, compression="gzip")
one("scale_offset_four.h5", (voxels(shape) % 16).astype("<i2"), chunks=(3, 37, 45), scaleoffset=4)
for dtype in ["<u2", ">u2"]:
    name = f"scale_offset_all_bits_{'big' if dtype[0] == '>' else 'little'}.h5"
    with h5py.File(name, "w") as file:
        file.create_dataset("data", data=voxels(shape, "i8").astype(dtype), chunks=(3, 37, 45), scaleoffset=16)
    with h5py.File(name) as file:
        told(name, file["data"][()])
for dtype in ["<f4", ">f4", "<f8"]:
    # Three decimals are kept: what counts is what h5py reads again.
    name = f"scale_offset_{dtype[1:]}_{'big' if dtype[0] == '>' else 'little'}.h5"
    with h5py.File(name, "w") as file:
        file.create_dataset("data", data=(voxels(shape, "f8") / 7 - 20).astype(dtype), chunks=(3, 37, 45), scaleoffset=3)
    with h5py.File(name) as file:
        told(name, file["data"][()])
for compressor in ["blosclz", "lz4", "lz4hc", "zlib", "zstd"]:
    for number, kind in enumerate(["no", "byte", "bit", "delta"]):
        filters = hdf5plugin.Blosc2(cname=compressor, filters=number)
        for dtype in ["u1", ">u2", "<f8"]:
            one(f"blosc2_{compressor}_{kind}_{dtype.strip('<>')}_{'big' if dtype[0] == '>' else 'little'}.h5", voxels(shape, dtype), chunks=(3, 37, 45), **filters)
        # Chunks of many blocks, which are boxes, and filled up where they end.
        one(f"blosc2_{compressor}_{kind}_boxes.h5", voxels((20, 110, 250)), chunks=(17, 110, 130), **filters)
    one(f"blosc2_{compressor}_flat.h5", voxels((2, 700, 900), "<f4"), chunks=(1, 700, 900), **filters)
for level in [0, 1, 9]:
    one(f"blosc2_level_{level}.h5", voxels((20, 210, 250)), chunks=(17, 210, 130), **hdf5plugin.Blosc2(cname="zstd", clevel=level))
one("blosc2_noise.h5", random.integers(0, 65536, (20, 210, 250)).astype("<u2"), chunks=(17, 210, 130), **hdf5plugin.Blosc2())
one("blosc2_zeros.h5", np.zeros((20, 210, 250), "<u2"), chunks=(17, 210, 130), **hdf5plugin.Blosc2())
one("blosc2_one_value.h5", np.full((20, 210, 250), 513, "<u2"), chunks=(17, 210, 130), **hdf5plugin.Blosc2())
one("blosc2_not_numbers.h5", np.full((20, 210, 250), np.nan, "<f4"), chunks=(17, 210, 130), **hdf5plugin.Blosc2())
one("blosc2_four.h5", voxels((1, 20, 110, 120)), chunks=(1, 20, 64, 120), **hdf5plugin.Blosc2())
cases[-1]["shape"] = cases[-1]["shape"][1:]
one("blosc2_summed.h5", voxels(shape), chunks=(3, 37, 45), fletcher32=True, **hdf5plugin.Blosc2())
with h5py.File("blosc2_truncated.h5", "w") as file:
    # Fewer bits are kept: what counts is what h5py reads again.
    file.create_dataset("data", data=voxels(shape, "<f4") / 7, chunks=(3, 37, 45), **hdf5plugin.Blosc2(filters=4))
with h5py.File("blosc2_truncated.h5") as file:
    told("blosc2_truncated.h5", file["data"][()])

with h5py.File("sparse.h5", "w") as file:
    made = file.create_dataset("data", shape, "<i2", chunks=(4, 16, 16), fillvalue=-7)
    made[3:9, 10:20, 5:40] = voxels((6, 10, 35), "<i2")
    told("sparse.h5", made[()], found={"warning": "never written"})
with h5py.File("never.h5", "w") as file:
    file.create_dataset("data", shape, "<i2")
refused("never.h5", "never written")
with h5py.File("never_chunked.h5", "w") as file:
    file.create_dataset("data", shape, "<i2", chunks=(4, 16, 16))
refused("never_chunked.h5", "never written")
with h5py.File("userblock.h5", "w", userblock_size=1024) as file:
    file["data"] = voxels(shape)
    told("userblock.h5", file["data"][()])

with h5py.File("four.h5", "w") as file:
    file["data"] = voxels((3, *shape))
    file["other"] = voxels((1, *shape))
    told("four.h5", file["data"][1], "/data[1]")
    told("four.h5", file["other"][0], "/other")
    refused("four.h5", "4 axes", "/data")
refused("four.h5", "may be the volume")

# Colour, or a thin volume: nobody knows but who made it.
with h5py.File("colour.h5", "w") as file:
    file["plain"] = voxels((20, 24, 3), "u1")
    file.create_dataset("packed", data=voxels((5, 20, 24, 3)), chunks=(2, 7, 9, 3), compression="gzip", shuffle=True)
    file["first"] = voxels((3, 20, 24), "u1")
    file["thin"] = voxels((3, 20, 24), "<i4")
    file["channels"] = voxels((3, 20, 24))
    for channel in range(3):
        told("colour.h5", file["plain"][()][None, :, :, channel], f"/plain[:,:,{channel}]")
        told("colour.h5", file["packed"][()][..., channel], f"/packed[:,:,:,{channel}]")
    told("colour.h5", file["plain"][()], "/plain[:,:,:]")
    told("colour.h5", file["first"][()], "/first[:,:,:]")
    told("colour.h5", file["first"][1:2], "/first[1,:,:]")
    told("colour.h5", file["thin"][()], "/thin")
refused("colour.h5", "may be colour", "/channels")
refused("colour.h5", "its axis of 3 may be colour", "/plain")
refused("colour.h5", "its axis of 3 may be colour", "/first")
refused("colour.h5", "taken for colour", "/packed")
refused("colour.h5", "does not choose a volume", "/plain[:,:,3]")
refused("four.h5", "/data [3, 21, 37, 45] uint16", "/nothing")
with h5py.File("types.h5", "w") as file:
    file.create_dataset("data", (4, 5, 6), np.dtype([("a", "<u2"), ("b", "<f4")]))
refused("types.h5", "compounds", "/data")

# Links and virtual datasets.
os.makedirs("scan/raw", exist_ok=True)
parts = []
for number in range(4):
    with h5py.File(f"scan/raw/part_{number}.h5", "w") as file:
        parts.append(file.create_dataset("entry/data", data=voxels((5, 12, 14)), chunks=(1, 12, 14), compression="gzip")[()])
stack = np.concatenate(parts)
for libver in ["earliest", "latest"]:
    with h5py.File(f"scan/master_{libver}.h5", "w", libver=libver) as file:
        layout = h5py.VirtualLayout((20, 12, 14), "<u2")
        for number in range(4):
            layout[5 * number:5 * number + 5] = h5py.VirtualSource(f"raw/part_{number}.h5", "entry/data", (5, 12, 14))
        file.create_virtual_dataset("data", layout)
        told(f"scan/master_{libver}.h5", file["data"][()])
    with h5py.File(f"scan/woven_{libver}.h5", "w", libver=libver) as file:
        layout = h5py.VirtualLayout((10, 24, 14), "<u2", )
        layout[0::2, :12] = h5py.VirtualSource("raw/part_0.h5", "entry/data", (5, 12, 14))
        layout[1::2, :12] = h5py.VirtualSource("raw/part_1.h5", "entry/data", (5, 12, 14))
        layout[3, 12:] = h5py.VirtualSource("raw/part_2.h5", "entry/data", (5, 12, 14))[2]
        layout[9, 13:15] = h5py.VirtualSource("raw/part_2.h5", "entry/data", (5, 12, 14))[2, 3:5]
        file.create_virtual_dataset("data", layout, fillvalue=9)
        told(f"scan/woven_{libver}.h5", file["data"][()], found={"warning": "come from no source"})
    with h5py.File(f"scan/same_{libver}.h5", "w", libver=libver) as file:
        file["raw"] = parts[0]
        layout = h5py.VirtualLayout((10, 12, 14), "<u2")
        layout[:5] = h5py.VirtualSource(file["raw"])
        layout[5:] = h5py.VirtualSource(file["raw"])
        file.create_virtual_dataset("twice", layout)
        told(f"scan/same_{libver}.h5", file["twice"][()], "/twice")
with h5py.File("scan/linked.h5", "w") as file:
    file["data"] = h5py.ExternalLink("raw/part_2.h5", "/entry/data")
    file["alias"] = h5py.SoftLink("/data")
    told("scan/linked.h5", parts[2])
    told("scan/linked.h5", parts[2], "alias")
with h5py.File("scan/moved.h5", "w") as file:
    file["data"] = h5py.ExternalLink("/somewhere/else/master_latest.h5", "/data")
    told("scan/moved.h5", stack)
with h5py.File("scan/raw/upwards.h5", "w") as file:
    file["data"] = h5py.ExternalLink("../../contiguous_latest.h5", "/data")
refused("scan/raw/upwards.h5", "contiguous_latest.h5")
with h5py.File("scan/gone.h5", "w") as file:
    layout = h5py.VirtualLayout((10, 12, 14), "<u2")
    layout[:5] = h5py.VirtualSource("raw/part_0.h5", "entry/data", (5, 12, 14))
    layout[5:] = h5py.VirtualSource("raw/part_9.h5", "entry/data", (5, 12, 14))
    file.create_virtual_dataset("data", layout)
refused("scan/gone.h5", "part_9.h5")
with h5py.File("circle.h5", "w") as file:
    file["a"] = h5py.SoftLink("/b")
    file["b"] = h5py.SoftLink("/a")
    file["c"] = h5py.ExternalLink("circle.h5", "/c")
    file.create_group("g")["up"] = file["/"]
refused("circle.h5", "circle", "/a")
refused("circle.h5", "circle", "/c")
refused("circle.h5", "circle")
with h5py.File("itself.h5", "w") as file:
    layout = h5py.VirtualLayout((10, 12, 14), "<u2")
    layout[:] = h5py.VirtualSource("itself.h5", "data", (10, 12, 14))
    file.create_virtual_dataset("data", layout)
refused("itself.h5", "without end")
with h5py.File("raw_outside.h5", "w") as file:
    file.create_dataset("data", shape, "<u2", external=[("/etc/passwd", 0, 200_000)])
refused("raw_outside.h5", "raw bytes")

# NeXus.
with h5py.File("nxtomo.nx", "w") as file:
    entry = file.create_group("entry0")
    entry.attrs["NX_class"] = "NXentry"
    entry["definition"] = "NXtomo"
    entry["title"] = "Zähne, Scan 3"
    entry["start_time"] = "2026-03-01T10:00:00"
    detector = entry.create_group("instrument/detector")
    entry["instrument"].attrs["NX_class"] = "NXinstrument"
    detector.attrs["NX_class"] = "NXdetector"
    detector["data"] = voxels((9, 12, 14))
    detector["image_key"] = [2, 1, 1, 0, 0, 0, 0, 0, 1]
    detector["x_pixel_size"] = 6.5e-6
    detector["x_pixel_size"].attrs["units"] = "m"
    detector["y_pixel_size"] = 6.5e-6
    detector["y_pixel_size"].attrs["units"] = "m"
    entry["instrument/beam/incident_energy"] = 26000.0
    entry["instrument/beam/incident_energy"].attrs["units"] = "eV"
    entry["instrument/name"] = "BM05"
    entry["instrument/source/name"] = "ESRF"
    entry["sample/name"] = "tooth"
    entry["elsewhere"] = voxels((9, 12, 14))
    told("nxtomo.nx", detector["data"][()], found={
        "energy_kev": 26.0, "sample": "tooth", "instrument": "BM05", "facility": "ESRF", "date": "2026-03-01T10:00:00",
        "description": "Zähne, Scan 3", "detector_pixel_size_um": "6.5",
        "frames": "5 projections, 3 flats, 1 darks among 9 frames", "warning": "projections, not a reconstructed volume"})
with h5py.File("plot.nxs", "w") as file:
    file.attrs["default"] = "entry"
    entry = file.create_group("entry")
    entry.attrs.update(NX_class="NXentry", default="volume")
    data = entry.create_group("volume")
    data.attrs.update(NX_class="NXdata", signal="density", axes=["z", "y", "x"])
    data["density"] = voxels((4, 5, 6), "<f4")
    for axis, step in zip("zyx", [2.0, 1.0, 1.0]):
        data[axis] = np.arange(data["density"].shape["zyx".index(axis)]) * step * 1e-3
        data[axis].attrs["units"] = "mm"
    entry["other"] = voxels((4, 5, 6))
    told("plot.nxs", data["density"][()], found={"voxel_size_um": [2.0, 1.0, 1.0]})
with h5py.File("two_scans.nxs", "w") as file:
    for number in range(2):
        entry = file.create_group(f"scan{number}")
        entry.attrs["NX_class"] = "NXentry"
        entry["definition"] = "NXtomo"
        entry["instrument/detector/data"] = voxels((4, 5, 6))
refused("two_scans.nxs", "scan0, /scan1")
with h5py.File("several.h5", "w") as file:
    file["first"] = voxels((4, 5, 6))
    file["inner/second"] = voxels((4, 5, 7))
refused("several.h5", "/inner/second [4, 5, 7] uint16")

import hdf5_layouts
hdf5_layouts.make(told, refused, voxels)

print(json.dumps(cases))
