"""Writes label volumes and grey ones into a folder; prints name, dataset and which of both it is, one a line."""

import json
import pathlib
import sys

import h5py
import numpy as np
import pydicom
import zarr
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

folder = pathlib.Path(sys.argv[1])
edge = 66
voxels = np.broadcast_to(np.where(np.arange(edge) % 3 == 0, 7, 0).astype("uint8"), (edge,) * 3).copy()


def say(name, kind, dataset=""):
    print(name, dataset, kind, sep="\t")


def ome(name, extra, version):
    group = zarr.open_group(folder / name, mode="w", zarr_format=2 if version == "0.4" else 3)
    group.create_array("0", data=voxels, chunks=(33, 66, 66))
    scale = {
        "version": version,
        "axes": [{"name": axis, "type": "space"} for axis in "zyx"],
        "datasets": [{"path": "0", "coordinateTransformations": [{"type": "scale", "scale": [1, 1, 1]}]}],
    }
    facts = {"multiscales": [scale], **extra}
    group.attrs.update(facts if version == "0.4" else {"ome": facts})


ome("nuclei4.zarr", {"image-label": {"version": "0.4"}}, "0.4")
say("nuclei4.zarr", "labels")
ome("nuclei5.zarr", {"image-label": {}}, "0.5")
say("nuclei5.zarr", "labels")
ome("grey5.zarr", {}, "0.5")
say("grey5.zarr", "grey")
zarr.create_array(folder / "truth.zarr", data=voxels > 0, chunks=(33, 66, 66), zarr_format=2)
say("truth.zarr", "labels")

with h5py.File(folder / "volumes.h5", "w") as file:
    file["truth"] = voxels > 0
    file["phases"] = voxels.astype(h5py.enum_dtype({"pore": 0, "grain": 7}, "uint8"))
    file["grey"] = voxels
say("volumes.h5", "labels", "/truth")
say("volumes.h5", "labels", "/phases")
say("volumes.h5", "grey", "/grey")

for name, kind in (("labelmap", "LABELMAP"), ("likely", "FRACTIONAL")):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.66.7" if kind == "LABELMAP" else "1.2.840.10008.5.1.4.1.1.66.4"
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
    image.SOPClassUID, image.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    image.Modality, image.SeriesInstanceUID, image.SegmentationType = "SEG", generate_uid(), kind
    image.Rows = image.Columns = image.NumberOfFrames = edge
    image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
    image.BitsAllocated = image.BitsStored = 8
    image.HighBit, image.PixelRepresentation = 7, 0
    image.PixelData = voxels.tobytes()
    image.save_as(folder / f"{name}.dcm", enforce_file_format=True)
    say(f"{name}.dcm", "labels" if kind == "LABELMAP" else "grey")
