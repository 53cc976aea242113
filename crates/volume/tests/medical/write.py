"""Writes small volumes with other people's libraries, and what is in them, for judges.rs.

Usage: python3 write.py FOLDER        makes FOLDER/truth.json: a list of cases, and the libraries that are not here.
"""
import hashlib, importlib.util, json, os, sys, warnings

warnings.simplefilter("ignore")
import numpy as np

folder = sys.argv[1]
cases, missing = [], []
random = np.random.default_rng(7)


def place(name):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    return path


def voxels(shape, kind):
    """z, y, x; no axis may be taken for another."""
    kind = np.dtype(kind)
    if kind.kind == "f":
        return random.normal(0, 100, shape).astype(kind)
    info = np.iinfo(kind)
    return random.integers(info.min, int(info.max) + 1, shape, dtype=kind)


def case(path, array, size_um=None, direction=None, origin_um=None, dataset=None, files=None, told=None):
    array = np.ascontiguousarray(array)
    plain = array.astype(array.dtype.newbyteorder("<"))
    cases.append({
        "path": os.path.relpath(path, folder), "dataset": dataset, "shape": list(array.shape), "dtype": array.dtype.newbyteorder("=").name,
        "voxel_size_um": size_um, "direction": direction, "origin_um": origin_um, "files": files, "told": told,
        "sha256": hashlib.sha256(plain.tobytes()).hexdigest(),
    })


def turned():
    """A rotation about two axes, as columns."""
    a, b = 0.3, -0.7
    rz = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    rx = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    return rz @ rx


def nifti():
    import nibabel as nib
    rotation, size = turned(), np.array([0.4, 0.5, 2.0])
    affine = np.eye(4)
    affine[:3, :3] = rotation * size
    affine[:3, 3] = [-12.5, 3.25, 40]
    truth = dict(size_um=[2000.0, 500.0, 400.0], direction=rotation.T[::-1].tolist(), origin_um=[-12500.0, 3250.0, 40000.0])
    for kind in ["uint8", "int8", "int16", "uint16", "int32", "uint32", "float32", "float64", "int64", "uint64"]:
        for make, end in [(nib.Nifti1Image, "1.nii.gz"), (nib.Nifti2Image, "2.nii")]:
            array = voxels((4, 5, 7), kind)
            image = make(array.T, affine, dtype=kind)
            image.header.set_xyzt_units("mm")
            path = place(f"nifti/{kind}_{end}")
            nib.save(image, path)
            case(path, array, **truth)
    array = voxels((3, 4, 5), "int16")
    image = nib.Nifti1Image(array.T, affine)
    image.header.set_xyzt_units("micron")
    nib.save(image, place("nifti/pair.hdr"))
    case(place("nifti/pair.hdr"), array, size_um=[2.0, 0.5, 0.4], direction=truth["direction"], origin_um=[-12.5, 3.25, 40.0], files=2)
    # Only a qform, of mirrored handedness.
    mirrored = affine.copy()
    mirrored[:3, 2] *= -1
    image = nib.Nifti1Image(array.T, None)
    image.set_qform(mirrored, code=1)
    image.set_sform(None, code=0)
    image.header.set_xyzt_units("mm")
    nib.save(image, place("nifti/qform.nii"))
    direction = (rotation * [1, 1, -1]).T[::-1].tolist()
    case(place("nifti/qform.nii"), array, size_um=truth["size_um"], direction=direction, origin_um=truth["origin_um"])
    big = nib.Nifti1Image(array.T.astype(">i2"), affine, nib.Nifti1Header(endianness=">"))
    big.header.set_data_dtype(">i2")
    big.header.set_xyzt_units("mm")
    nib.save(big, place("nifti/big.nii.gz"))
    case(place("nifti/big.nii.gz"), array, **truth)
    # Scaled on writing: the stored integers are the volume.
    image = nib.Nifti1Image(random.normal(0, 1, (5, 4, 3)), affine)
    image.set_data_dtype("int16")
    nib.save(image, place("nifti/scaled.nii"))
    again = nib.load(place("nifti/scaled.nii"))
    case(place("nifti/scaled.nii"), np.asarray(again.dataobj.get_unscaled()).T, told="the quantity they stand for is")
    series = voxels((3, 2, 4, 5), "uint16")
    image = nib.Nifti1Image(series.T, affine)
    image.header.set_xyzt_units("mm")
    nib.save(image, place("nifti/series.nii.gz"))
    for number in range(3):
        case(place("nifti/series.nii.gz"), series[number], dataset=str(number), **truth)
    analyze = nib.AnalyzeImage(array.T, np.diag([0.4, 0.5, 2, 1]))
    nib.save(analyze, place("analyze/old.hdr"))
    case(place("analyze/old.hdr"), array, size_um=truth["size_um"], files=2)


def nearly_raw_nrrd():
    import nrrd
    rotation, size = turned(), np.array([0.4, 0.5, 2.0])
    header = {"space": "left-posterior-superior", "space directions": (rotation * size).T, "space origin": [1.5, -2, 3]}
    truth = dict(size_um=[2000.0, 500.0, 400.0], direction=rotation.T[::-1].tolist(), origin_um=[1500.0, -2000.0, 3000.0])
    for encoding in ["raw", "gzip", "bzip2", "ascii"]:
        for kind in ["uint8", "int16", "uint32", "float32", "float64", ">i2"]:
            array = voxels((4, 5, 7), np.dtype(kind).newbyteorder("="))
            stored = array.T.astype(kind)
            name = kind.replace(">", "big_")
            for end in ["nrrd", "nhdr"]:
                path = place(f"nrrd/{encoding}_{name}.{end}")
                nrrd.write(path, stored, {**header, "encoding": encoding}, detached_header=end == "nhdr")
                case(path, array, files=1 if end == "nrrd" else 2, **truth)


def metaimage():
    import SimpleITK as sitk
    rotation = turned()
    for kind in ["uint8", "int16", "uint16", "int32", "float32", "float64", "int64"]:
        for end, packed in [("mha", False), ("mha", True), ("mhd", False), ("mhd", True)]:
            array = voxels((4, 5, 7), kind)
            image = sitk.GetImageFromArray(array)
            image.SetSpacing([0.4, 0.5, 2.0])
            image.SetOrigin([1.5, -2, 3])
            image.SetDirection(rotation.flatten().tolist())
            path = place(f"metaimage/{kind}_{packed}.{end}")
            sitk.WriteImage(image, path, packed)
            case(path, array, size_um=[2000.0, 500.0, 400.0], direction=rotation.T[::-1].tolist(), origin_um=[1500.0, -2000.0, 3000.0],
                 files=1 if end == "mha" else 2)
    # The same library writes NIfTI and NRRD of its own.
    array = voxels((4, 5, 7), "int16")
    image = sitk.GetImageFromArray(array)
    image.SetSpacing([0.4, 0.5, 2.0])
    image.SetDirection(rotation.flatten().tolist())
    sitk.WriteImage(image, place("itk/a.nrrd"), True)
    case(place("itk/a.nrrd"), array, size_um=[2000.0, 500.0, 400.0], direction=rotation.T[::-1].tolist(), origin_um=[0.0, 0.0, 0.0])
    sitk.WriteImage(image, place("itk/a.nii.gz"))
    case(place("itk/a.nii.gz"), array, size_um=[2000.0, 500.0, 400.0], direction=(np.diag([-1, -1, 1]) @ rotation).T[::-1].tolist(), origin_um=[0.0, 0.0, 0.0])


def mrc():
    import mrcfile
    for kind in ["int8", "int16", "uint16", "float32", "float16"]:
        for end, packing in [("mrc", None), ("mrc.gz", "gzip"), ("mrc.bz2", "bzip2")]:
            array = voxels((4, 5, 7), kind)
            path = place(f"mrc/{kind}.{end}")
            with mrcfile.new(path, compression=packing, overwrite=True) as file:
                file.set_data(array)
                file.voxel_size = (4.0, 5.0, 20.0)
            case(path, array.astype("float32") if kind == "float16" else array, size_um=[2e-3, 5e-4, 4e-4])


def dicom():
    import write_dicom
    write_dicom.write(place, voxels, case, turned())


# A library that is here and fails is a failure, and nothing that is missing.
for part, library in [(nifti, "nibabel"), (nearly_raw_nrrd, "nrrd"), (metaimage, "SimpleITK"), (mrc, "mrcfile"), (dicom, "pydicom")]:
    if importlib.util.find_spec(library):
        part()
    else:
        missing.append(library)
if not importlib.util.find_spec("imagecodecs"):
    missing.append("imagecodecs (within DICOM)")
json.dump({"cases": cases, "missing": missing}, open(os.path.join(folder, "truth.json"), "w"), indent=1)
