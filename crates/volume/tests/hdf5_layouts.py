"""HDF5 files as detectors and programs lay them out, for hdf5_made.py: by the programs themselves where Python has them."""
import os
import h5py, hdf5plugin, numpy as np


def make(told, refused, voxels):
    eiger(told, refused, voxels)
    itk(told, refused, voxels)
    emd(told, refused, voxels)
    imaris(told, refused, voxels)
    minc(told, refused, voxels)
    bigdataviewer(told, refused, voxels)
    esrf(told, voxels)


def master(name, frames, link, lost=()):
    """A master of Dectris's and its files of so many frames each."""
    stored = []
    with h5py.File(f"{name}_master.h5", "w", libver="latest") as file:
        entry = file.create_group("entry")
        entry.attrs["NX_class"] = "NXentry"
        data = entry.create_group("data")
        data.attrs["NX_class"] = "NXdata"
        detector = entry.create_group("instrument/detector")
        entry["instrument"].attrs["NX_class"] = "NXinstrument"
        detector.attrs["NX_class"] = "NXdetector"
        for path, value, units in [("x_pixel_size", 7.5e-5, "m"), ("y_pixel_size", 7.5e-5, "m"), ("count_time", 0.05, "s"), ("detector_distance", 0.25, "m")]:
            detector[path] = np.float32(value) if path == "count_time" else value
            detector[path].attrs["units"] = units
        detector["description"] = "Dectris EIGER2 Si 1M"
        detector["detectorSpecific/pixel_mask"] = np.zeros((24, 28), "u4")
        beam = entry.create_group("instrument/beam")
        beam["incident_wavelength"] = 0.6199209921660013
        beam["incident_wavelength"].attrs["units"] = "angstrom"
        for number, voxels_here in enumerate(frames, 1):
            part = f"{name}_data_{number:06}.h5"
            link(file, data, f"data_{number:06}", part, voxels_here, number in lost)
            stored.append(voxels_here)
    return stored


def outside(file, data, name, part, frames, lost):
    data[name] = h5py.ExternalLink(part, "/entry/data/data")
    if not lost:
        with h5py.File(part, "w", libver="latest") as other:
            other.create_dataset("entry/data/data", data=frames, chunks=(1, *frames.shape[1:]), **hdf5plugin.Bitshuffle())


def inside(file, data, name, part, frames, lost):
    file[f"raw/{name}"] = frames
    data[name] = h5py.SoftLink(f"/raw/{name}")


def eiger(told, refused, voxels):
    parts = [voxels((frames, 24, 28), "<u4") for frames in (5, 5, 1, 3)]
    found = {
        "format": "frames in parts (HDF5)", "frames": "14 frames in 4 parts", "detector_pixel_size_um": "75", "exposure_s": "0.05000000074505806",
        "energy_kev": 20.0, "detector_distance_mm": "250", "detector": "Dectris EIGER2 Si 1M", "dataset": "/entry/data",
        "voxel_size_um": None, "warning": "projections, not a reconstructed volume"}
    for name, link in [("eiger", outside), ("eiger_inside", inside)]:
        whole = np.concatenate(master(name, parts, link))
        told(f"{name}_master.h5", whole, found=found)
        told(f"{name}_master.h5", whole, "/entry/data")
    told("eiger_master.h5", parts[1], "/entry/data/data_000002")
    master("eiger_lost", parts, outside, lost=[3])
    refused("eiger_lost_master.h5", "eiger_lost_data_000003.h5")
    master("eiger_one", parts[:1], outside)
    told("eiger_one_master.h5", parts[0], found={"frames": "5 frames in 1 parts"})
    master("eiger_uneven", [parts[0], parts[1][:, :20]], outside)
    refused("eiger_uneven_master.h5", "20 × 28")
    master("eiger_gap", parts[:3], outside)
    with h5py.File("eiger_gap_master.h5", "a") as file:
        del file["entry/data/data_000002"]
    refused("eiger_gap_master.h5", "frames are missing")
    # Groups of such names are no frames.
    with h5py.File("eiger_groups.h5", "w") as file:
        entry = file.create_group("entry")
        entry.attrs["NX_class"] = "NXentry"
        entry["data_000001/volume"], entry["data_000003/note"] = parts[0], "of two"
    told("eiger_groups.h5", parts[0], found={"format": "HDF5"})
    # A part of which the last frames were never written holds no measurement there.
    master("eiger_short", parts[:2], outside)
    with h5py.File("eiger_short_data_000002.h5", "w") as file:
        made = file.create_dataset("entry/data/data", (5, 24, 28), "<u4", chunks=(1, 24, 28))
        made[:3] = parts[1][:3]
        short = made[()]
    told("eiger_short_master.h5", np.concatenate([parts[0], short]), found={"warning": "never written"})
    master("eiger_never", parts[:2], outside)
    with h5py.File("eiger_never_data_000002.h5", "w") as file:
        file.create_dataset("entry/data/data", (5, 24, 28), "<u4")
    refused("eiger_never_master.h5", "never written")


TURNED = [[0, -1, 0], [1, 0, 0], [0, 0, 1]]


def itk(told, refused, voxels):
    def described(name, data, spacing, directions=np.eye(3), origin=(1.0, 2.0, 3.0)):
        with h5py.File(name, "w") as file:
            group = file.create_group("ITKImage/0")
            file["ITKVersion"] = ["5.4.7"]
            group["VoxelData"] = data
            group["Spacing"] = np.array(spacing, "f8")
            group["Origin"] = np.array(origin, "f8")
            group["Directions"] = np.array(directions, "f8")
            group["Dimension"] = np.array(data.shape[2::-1], "u8")

    # Rows are the directions of x, y, z in the space of DICOM; a header's rows are those of z, y, x.
    orientation = {"space": "left-posterior-superior", "direction": [[0.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], "origin_um": [1000.0, 2000.0, 3000.0]}
    found = {"format": "ITK image (HDF5)", "voxel_size_um": [500.0, 400.0, 300.0], "orientation": orientation,
             "voxel_size_from": "Spacing of /ITKImage/0, in millimetres as ITK counts"}
    data = voxels((6, 7, 8))
    described("itk.h5", data, [0.3, 0.4, 0.5], np.array(TURNED).T)
    told("itk.h5", data, found=found)
    described("itk_one.h5", data, [1, 1, 1])
    told("itk_one.h5", data, found={"voxel_size_um": None, "warning": "nobody said it"})
    described("itk_thin.h5", voxels((3, 30, 40), "u1"), [1, 1, 2])
    with h5py.File("itk_thin.h5") as file:
        told("itk_thin.h5", file["ITKImage/0/VoxelData"][()], found={"voxel_size_um": [2000.0, 1000.0, 1000.0]})
    described("itk_colour.h5", voxels((20, 30, 40, 3), "u1"), [1, 1, 2])
    refused("itk_colour.h5", "colour")
    try:
        import itk as program
    except ImportError:
        program = None
    if program is not None:
        image = program.image_view_from_array(data)
        image.SetSpacing([0.3, 0.4, 0.5])
        image.SetOrigin([1, 2, 3])
        image.SetDirection(program.matrix_from_array(np.array(TURNED, "f8")))
        program.imwrite(image, "itk_itself.h5")
        told("itk_itself.h5", data, found=found | {"software": "ITK " + program.Version.GetITKVersion()})


def emd(told, refused, voxels):
    def described(name, kind, first, dims, places, data):
        with h5py.File(name, "w") as file:
            group = file.create_group("data/scan")
            group.attrs["emd_group_type"] = kind
            group["data"] = data
            for number, (axis, units) in enumerate(dims):
                group[f"dim{number + first}"] = places[number]
                group[f"dim{number + first}"].attrs.update(name=axis, units=units)

    data = voxels((6, 7, 8), "<f4")
    places = [np.arange(6) * 2.0, np.arange(7) * 0.5, np.arange(8) * 0.5]
    size = {"format": "EMD (HDF5)", "voxel_size_um": [0.002, 0.0005, 0.0005], "axes": "z, y, x"}
    described("berkeley.emd", 1, 1, [("z", "[n_m]"), ("y", "[n_m]"), ("x", "[n_m]")], places, data)
    told("berkeley.emd", data, found=size | {"voxel_size_from": "dim1 to dim3 of /data/scan"})
    described("emdfile.emd", "array", 0, [("z", "nm"), ("y", "nm"), ("x", "nm")], [place[:2] for place in places], data)
    told("emdfile.emd", data, found=size | {"voxel_size_from": "dim0 to dim2 of /data/scan"})
    described("tilts.emd", 1, 1, [("tilt", "[deg]"), ("y", "[n_m]"), ("x", "[n_m]")], places, data)
    told("tilts.emd", data, found={"voxel_size_um": None, "warning": "tilt, y, x"})
    described("pixels.emd", 1, 1, [("z", "[pix]"), ("y", "[pix]"), ("x", "[pix]")], places, data)
    told("pixels.emd", data, found={"voxel_size_um": None})
    with h5py.File("velox.emd", "w") as file:
        file[f"Data/Image/{17:032x}/Data"] = voxels((20, 24, 5))
    refused("velox.emd", "Velox")
    with h5py.File("velox.emd") as file:
        told("velox.emd", file[f"Data/Image/{17:032x}/Data"][..., 2][None], f"/Data/Image/{17:032x}/Data[:,:,2]")
    try:
        from ncempy.io.emd import fileEMD
        file = fileEMD("ncempy.emd", readonly=False)
        file.put_emdgroup("vol", data, tuple((places[axis], "zyx"[axis], "[n_m]") for axis in range(3)))
        del file
        told("ncempy.emd", data, found=size)
    except ImportError:
        pass
    try:
        import emdfile
        emdfile.save("emdfile_itself.emd", emdfile.Array(data=data, name="vol", units="counts", dims=[2.0, 0.5, 0.5], dim_names=["z", "y", "x"], dim_units=["nm"] * 3), mode="o")
        told("emdfile_itself.emd", data, found=size)
    except ImportError:
        pass


def imaris(told, refused, voxels):
    letters = lambda text: np.array([letter.encode() for letter in str(text)], "S1")

    def made(name, times=1, channels=1, unit="um"):
        """True sizes z 13, y 37, x 45 in chunks of 8 × 16 × 16, and a level of half as many."""
        stored = {}
        with h5py.File(name, "w") as file:
            for level, sizes in enumerate([(13, 37, 45), (13, 18, 22)]):
                for time in range(times):
                    for channel in range(channels):
                        group = file.create_group(f"DataSet/ResolutionLevel {level}/TimePoint {time}/Channel {channel}")
                        for axis, size in zip("ZYX", sizes):
                            group.attrs[f"ImageSize{axis}"] = letters(size)
                        whole = np.zeros((16, 48, 48) if level == 0 else (16, 32, 32), "<u2")
                        data = voxels(sizes)
                        whole[:sizes[0], :sizes[1], :sizes[2]] = data
                        group.create_dataset("Data", data=whole, chunks=(8, 16, 16), compression="gzip", compression_opts=2)
                        group["Histogram"] = np.zeros(256, "u8")
                        stored[level, time, channel] = data
            image = file.create_group("DataSetInfo/Image")
            for axis, (size, least, most) in enumerate([(45, -10, 12.5), (37, 0, 18.5), (13, 5, 18)]):
                image.attrs["XYZ"[axis]] = letters(size)
                image.attrs[f"ExtMin{axis}"], image.attrs[f"ExtMax{axis}"] = letters(least), letters(most)
            image.attrs["Unit"] = letters(unit)
            image.attrs["Name"] = letters("Root tip 3")
            image.attrs["RecordingDate"] = letters("2026-03-01 10:00:00.000")
            file.create_group("DataSetInfo/Imaris").attrs["Version"] = letters("9.9")
            for channel in range(channels):
                file.create_group(f"DataSetInfo/Channel {channel}").attrs["Name"] = letters(["DAPI", "GFP"][channel])
        return stored

    found = {"format": "Imaris (HDF5)", "voxel_size_um": [1.0, 0.5, 0.5], "description": "Root tip 3", "date": "2026-03-01 10:00:00.000",
             "software": "Imaris 9.9", "voxel_size_from": "ExtMin, ExtMax and Unit of /DataSetInfo/Image"}
    one = made("one.ims")
    told("one.ims", one[0, 0, 0], found=found)
    half = "/DataSet/ResolutionLevel 1/TimePoint 0/Channel 0/Data"
    told("one.ims", one[1, 0, 0], half, found={"voxel_size_um": [1.0, 1.0277778, 1.0227273]})
    told("nm.ims", made("nm.ims", unit="nm")[0, 0, 0], found={"voxel_size_um": [0.001, 0.0005, 0.0005]})
    two = made("two.ims", channels=2)
    refused("two.ims", "0 (DAPI), 1 (GFP)")
    told("two.ims", two[0, 0, 1], "/DataSet/ResolutionLevel 0/TimePoint 0/Channel 1/Data")
    told("two.ims", two[0, 0, 1], channel=1)
    times = made("times.ims", times=2)
    refused("times.ims", "2 times")
    told("times.ims", times[0, 1, 0], "/DataSet/ResolutionLevel 0/TimePoint 1/Channel 0/Data", found=found)


def minc(told, refused, voxels):
    def made(name, data, order, axes, **more):
        with h5py.File(name, "w") as file:
            for axis, (start, step, units, cosines) in axes.items():
                dimension = file.create_dataset(f"minc-2.0/dimensions/{axis}", data=0)
                dimension.attrs.update(start=start, step=step, spacing=np.bytes_(more.get("spacing", "regular__")))
                if units:
                    dimension.attrs["units"] = np.bytes_(units)
                if cosines:
                    dimension.attrs["direction_cosines"] = np.array(cosines, "f8")
            image = file.create_dataset("minc-2.0/image/0/image", data=data)
            image.attrs.update(dimorder=np.bytes_(order), valid_range=[0.0, 255.0])
            file["minc-2.0/image/0/image-min"] = more.get("least", 0.5)
            file["minc-2.0/image/0/image-max"] = more.get("most", 2.5)
            file["minc-2.0/image/1/image"] = data[..., ::2, ::2]

    data = voxels((6, 7, 8))
    plain = {"zspace": (-3.0, 0.2, "mm", None), "yspace": (4.0, -0.1, "mm", None), "xspace": (5.0, 0.05, "mm", None)}
    orientation = {"space": "right-anterior-superior", "direction": [[0.0, 0.0, 1.0], [0.0, -1.0, 0.0], [1.0, 0.0, 0.0]], "origin_um": [5000.0, 4000.0, -3000.0]}
    found = {"format": "MINC 2 (HDF5)", "voxel_size_um": [200.0, 100.0, 50.0], "orientation": orientation, "real_values": "0.5 to 2.5",
             "warning": "the stored values are kept", "voxel_size_from": "step and units of /minc-2.0/dimensions"}
    made("plain.mnc", data, "zspace,yspace,xspace", plain)
    told("plain.mnc", data, found=found)
    made("turned.mnc", data, "yspace,xspace,zspace", plain | {"xspace": (5.0, 0.05, "mm", [0.6, 0.8, 0.0])}, least=np.arange(6.0), most=np.arange(6.0) + 9)
    told("turned.mnc", data, found={"voxel_size_um": [100.0, 50.0, 200.0], "real_values": "0 to 14", "warning": "in each slice", "orientation": {
        "space": "right-anterior-superior", "direction": [[0.0, -1.0, 0.0], [0.6, 0.8, 0.0], [0.0, 0.0, 1.0]], "origin_um": [3000.0, 8000.0, -3000.0]}})
    made("no_units.mnc", data, "zspace,yspace,xspace", {axis: (start, step, None, None) for axis, (start, step, _, _) in plain.items()})
    told("no_units.mnc", data, found={"voxel_size_um": None, "warning": "not in which unit"})
    made("irregular.mnc", data, "zspace,yspace,xspace", plain, spacing="irregular")
    told("irregular.mnc", data, found={"voxel_size_um": None})
    made("times.mnc", voxels((2, 6, 7, 8)), "time,zspace,yspace,xspace", plain | {"time": (0.0, 1.0, "s", None)})
    refused("times.mnc", "4 axes")
    with h5py.File("times.mnc") as file:
        told("times.mnc", file["minc-2.0/image/0/image"][1], "/minc-2.0/image/0/image[1]", found={"voxel_size_um": [200.0, 100.0, 50.0]})
    # Files that others keep for this, and what nibabel reads in them.
    try:
        import nibabel
    except ImportError:
        return
    kept = os.path.join(os.path.dirname(nibabel.__file__), "tests", "data")
    for name in ["minc2_1_scale.mnc", "small.mnc", "minc2_baddim.mnc"]:
        path = os.path.join(kept, name)
        if os.path.exists(path):
            os.link(path, name) if os.stat(path).st_dev == os.stat(".").st_dev else open(name, "wb").write(open(path, "rb").read())
            affine = nibabel.load(path).affine
            size = [float(f"{np.linalg.norm(affine[:3, axis]) * 1000:.6g}") for axis in range(3)]
            with h5py.File(path) as file:
                told(name, file["minc-2.0/image/0/image"][()], found={"voxel_size_um": size})


def bigdataviewer(told, refused, voxels):
    def made(name, setups, times=1, xml=True):
        stored = {}
        with h5py.File(f"{name}.h5", "w") as file:
            for setup in range(setups):
                file[f"s{setup:02}/resolutions"] = np.array([[1, 1, 1], [2, 2, 1]], "f8")
                file[f"s{setup:02}/subdivisions"] = np.array([[4, 4, 4], [4, 4, 4]], "i4")
                for time in range(times):
                    for level, shape in enumerate([(6, 7, 8), (6, 3, 4)]):
                        # Numbers without sign, kept as numbers with one.
                        data = voxels(shape) + np.uint16(40_000)
                        file.create_dataset(f"t{time:05}/s{setup:02}/{level}/cells", data=data.view("<i2"), chunks=(3, 3, 4), compression="gzip")
                        stored[time, setup, level] = data
        if xml:
            views = "".join(
                f"<ViewSetup><id>{setup}</id><size>8 7 6</size><voxelSize><unit>\u00b5m</unit><size>0.3 0.4 {1.5 + setup}</size></voxelSize></ViewSetup>"
                for setup in range(setups))
            with open(f"{name}.xml", "w", encoding="utf-8") as file:
                file.write(f'<?xml version="1.0" encoding="UTF-8"?><SpimData><SequenceDescription><ViewSetups>{views}</ViewSetups></SequenceDescription></SpimData>')
        return stored

    one = made("viewer", 1)
    told("viewer.h5", one[0, 0, 0], found={"format": "BigDataViewer (HDF5)", "voxel_size_um": [1.5, 0.4, 0.3],
                                           "voxel_size_from": "voxelSize of setup 0 in the .xml file beside it"})
    told("viewer.h5", one[0, 0, 1], "/t00000/s00/1/cells", found={"voxel_size_um": [1.5, 0.8, 0.6]})
    told("viewer_alone.h5", made("viewer_alone", 1, xml=False)[0, 0, 0], found={"voxel_size_um": None, "warning": ".xml"})
    views = made("views", 2)
    refused("views.h5", "2 views")
    told("views.h5", views[0, 1, 0], "/t00000/s01/0/cells", found={"voxel_size_um": [2.5, 0.4, 0.3]})
    try:
        import npy2bdv
    except ImportError:
        return
    data = voxels((6, 7, 8))
    writer = npy2bdv.BdvWriter("npy2bdv.h5", nchannels=1, subsamp=((1, 1, 1), (1, 2, 2)), blockdim=((4, 4, 4), (4, 4, 4)), overwrite=True)
    writer.append_view(data, time=0, channel=0, voxel_size_xyz=(0.3, 0.3, 1.0), voxel_units="um")
    writer.write_xml()
    writer.close()
    told("npy2bdv.h5", data, found={"voxel_size_um": [1.0, 0.3, 0.3]})


def esrf(told, voxels):
    for name, sizes, size in [("voxel_size_cm", [6.5e-4, 6.5e-4, 6.5e-4], 6.5), ("pixel_size_cm", 2.0e-4, 2.0)]:
        data = voxels((6, 7, 8), "<f4")
        with h5py.File(f"nabu_{name}.hdf5", "w") as file:
            entry = file.create_group("entry")
            entry.attrs.update(NX_class="NXentry", default="reconstruction/results")
            results = entry.create_group("reconstruction/results")
            results.attrs.update(NX_class="NXdata", signal="data")
            results["data"] = data
            settings = entry.create_group("reconstruction/configuration/processing_options/reconstruction")
            settings[name] = sizes
            settings["method"] = "FBP"
        told(f"nabu_{name}.hdf5", data, found={"format": "ESRF reconstruction (HDF5)", "voxel_size_um": [size] * 3, "reconstruction": "FBP",
             "voxel_size_from": f"{name} of /entry/reconstruction/configuration/processing_options/reconstruction"})
    try:
        from tomoscan.esrf.volume.hdf5volume import HDF5Volume
    except ImportError:
        return
    HDF5Volume(file_path="tomoscan.hdf5", data_path="entry", data=data, metadata={"processing_options": {"reconstruction": {"voxel_size_cm": [2e-4, 1e-4, 1e-4]}}}).save()
    told("tomoscan.hdf5", data, found={"voxel_size_um": [2.0, 1.0, 1.0]})
