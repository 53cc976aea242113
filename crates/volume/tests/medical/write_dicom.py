"""Writes small DICOM series with pydicom, in the transfer syntaxes for which an encoder is here. Called by write.py."""
import os

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, RLELossless, generate_uid,
)

PLAIN = {"implicit": ImplicitVRLittleEndian, "explicit": ExplicitVRLittleEndian, "big": ExplicitVRBigEndian, "deflated": DeflatedExplicitVRLittleEndian}


def dataset(array, syntax, series):
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = syntax
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    meta.MediaStorageSOPInstanceUID = generate_uid()
    ds = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SOPClassUID, ds.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    ds.SeriesInstanceUID, ds.Modality, ds.Manufacturer = series, "CT", "Made up"
    ds.PatientName, ds.PatientID, ds.PatientBirthDate = "Secret^Person", "SECRET-7", "19010203"
    ds.Rows, ds.Columns = array.shape[-2:]
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    bits = 8 * array.dtype.itemsize
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = bits, bits, bits - 1
    ds.PixelRepresentation = int(array.dtype.kind == "i")
    return ds


def put(ds, array, packed=None):
    big = ds.file_meta.TransferSyntaxUID == ExplicitVRBigEndian
    if packed is None:
        ds.PixelData = array.astype(array.dtype.newbyteorder(">" if big else "<")).tobytes()
        ds["PixelData"].VR = "OB" if array.dtype.itemsize == 1 else "OW"
    else:
        ds.PixelData = encapsulate(packed)
        ds["PixelData"].VR = "OB"


def series(folder, array, syntax, rotation, pack=None, change=lambda ds, z: None):
    """Slices in files whose names and numbers say nothing about their order."""
    uid = generate_uid()
    os.makedirs(folder, exist_ok=True)
    normal = np.cross(rotation[:, 0], rotation[:, 1])
    for z, plane in enumerate(array):
        ds = dataset(plane, syntax, uid)
        place = np.array([-100.0, 20.0, 5.0]) + 2.5 * z * normal
        ds.ImagePositionPatient = [f"{part:.10g}" for part in place]
        ds.ImageOrientationPatient = [f"{part:.10g}" for part in [*rotation[:, 0], *rotation[:, 1]]]
        ds.PixelSpacing, ds.SliceThickness = ["0.5", "0.4"], "7"
        number = (z * 7) % 13 + 1
        ds.InstanceNumber = number
        ds.RescaleSlope, ds.RescaleIntercept = "1", "-1024"
        put(ds, plane, None if pack is None else pack(plane))
        change(ds, z)
        path, big = os.path.join(folder, f"IM{number:05}"), syntax == ExplicitVRBigEndian
        pydicom.dcmwrite(path, ds, implicit_vr=syntax == ImplicitVRLittleEndian, little_endian=not big, force_encoding=True)


def write(place, voxels, case, rotation):
    truth = dict(size_um=[2500.0, 500.0, 400.0], direction=rotation.T[::-1].tolist(), origin_um=[-100000.0, 20000.0, 5000.0])
    for name, syntax in PLAIN.items():
        for kind in ["uint8", "int16", "uint16", "int32"]:
            array = voxels((5, 4, 6), kind)
            folder = os.path.dirname(place(f"dicom/{name}_{kind}/x"))
            series(folder, array, syntax, rotation)
            case(folder, array, files=5, told="quantity they stand for is 1 × value + -1024", **truth)
    smooth = (np.add.outer(np.arange(5), np.add.outer(np.arange(40), np.arange(60) % 17)) * 37).astype("uint16")
    noisy = voxels((3, 40, 60), "uint16")
    packers = {"rle": (RLELossless, lambda plane: [rle(plane)])}
    try:
        import imagecodecs
        packers["ljpeg"] = ("1.2.840.10008.1.2.4.70", lambda plane: [imagecodecs.ljpeg_encode(plane)])
        packers["jpegls"] = ("1.2.840.10008.1.2.4.80", lambda plane: [imagecodecs.jpegls_encode(plane)])
        # An odd fragment may be divided; readers put it together again.
        packers["jpegls_two"] = ("1.2.840.10008.1.2.4.80", lambda plane: halves(imagecodecs.jpegls_encode(plane)))
    except ImportError:
        pass
    for name, (syntax, pack) in packers.items():
        for kind, array in [("smooth", smooth), ("noise", noisy), ("bytes", (smooth // 64).astype("uint8")), ("flat", smooth * 0 + 7)]:
            folder = os.path.dirname(place(f"dicom/{name}_{kind}/x"))
            series(folder, array, syntax, rotation, pack)
            case(folder, array, **truth)
    if "jpegls" in packers:
        near = os.path.dirname(place("dicom/jpegls_near/x"))
        pack = lambda plane: [imagecodecs.jpegls_encode(plane, level=3)]
        series(near, smooth, "1.2.840.10008.1.2.4.81", rotation, pack)
        case(near, np.stack([imagecodecs.jpegls_decode(pack(plane)[0]) for plane in smooth]), **truth)
        # Lossy, and the sums are exact: what the Independent JPEG Group's library makes of them is the truth.
        twelve = lambda ds, z: (setattr(ds, "BitsStored", 12), setattr(ds, "HighBit", 11))
        for level in [60, 95]:
            for kind, array in [("smooth", smooth), ("noise", noisy % 4096), ("odd", noisy[:, :37, :51] % 4000)]:
                folder = os.path.dirname(place(f"dicom/jpeg12_{level}_{kind}/x"))
                pack = lambda plane: [imagecodecs.jpeg8_encode(plane, level=level, bitspersample=12, lossless=False)]
                series(folder, array, "1.2.840.10008.1.2.4.51", rotation, pack, twelve)
                case(folder, np.stack([imagecodecs.jpeg8_decode(pack(plane)[0]) for plane in array]), **truth)
        for level in [60, 95]:
            for kind, array in [("smooth", smooth // 64), ("noise", noisy % 256), ("odd", noisy[:, :37, :51] % 200)]:
                folder = os.path.dirname(place(f"dicom/jpeg8_{level}_{kind}/x"))
                pack = lambda plane: [imagecodecs.jpeg8_encode(plane, level=level)]
                array = array.astype("uint8")
                series(folder, array, "1.2.840.10008.1.2.4.50", rotation, pack)
                case(folder, np.stack([imagecodecs.jpeg8_decode(pack(plane)[0]) for plane in array]), **truth)
    enhanced(place, voxels, case, rotation, truth)


def halves(data):
    return [data[: len(data) // 4 * 2], data[len(data) // 4 * 2:]]


def rle(plane):
    from pydicom.pixels.encoders.native import _encode_frame
    from pydicom.pixels.encoders.base import EncodeRunner
    runner = EncodeRunner(RLELossless)
    runner.set_options(rows=plane.shape[0], columns=plane.shape[1], samples_per_pixel=1, bits_allocated=8 * plane.dtype.itemsize,
                       bits_stored=8 * plane.dtype.itemsize, pixel_representation=0, photometric_interpretation="MONOCHROME2", number_of_frames=1)
    return _encode_frame(plane.tobytes(), runner)


def enhanced(place, voxels, case, rotation, truth):
    """All slices in one file, in the wrong order, each with groups of its own."""
    array = voxels((5, 4, 6), "int16")
    order = [3, 0, 4, 1, 2]
    ds = dataset(array, ExplicitVRLittleEndian, generate_uid())
    ds.NumberOfFrames = len(array)
    shared, measures, plane = Dataset(), Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = ["0.5", "0.4"], "9"
    plane.ImageOrientationPatient = [f"{part:.10g}" for part in [*rotation[:, 0], *rotation[:, 1]]]
    shared.PixelMeasuresSequence, shared.PlaneOrientationSequence = [measures], [plane]
    ds.SharedFunctionalGroupsSequence = [shared]
    normal = np.cross(rotation[:, 0], rotation[:, 1])
    groups = []
    for z in order:
        position, frame = Dataset(), Dataset()
        position.ImagePositionPatient = [f"{part:.10g}" for part in np.array([-100.0, 20.0, 5.0]) + 2.5 * z * normal]
        frame.PlanePositionSequence = [position]
        groups.append(frame)
    ds.PerFrameFunctionalGroupsSequence = groups
    put(ds, array[order])
    path = place("dicom/enhanced.dcm")
    ds.save_as(path, enforce_file_format=True)
    case(path, array, files=1, **truth)
