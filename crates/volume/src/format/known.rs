//! Formats that we can name to their owner although we do not read their voxels.

use crate::HeadFacts;

pub(crate) fn name(head: &[u8]) -> Option<&'static str> {
    const KNOWN: [(&[u8], &str); 12] = [
        (b"%PDF", "PDF"),
        (b"\x93NUMPY", "NumPy"),
        (b"# vtk DataFile", "VTK"),
        (b"<VTKFile", "VTK"),
        (b"<?xml version=\"1.0\"?>\n<VTKFile", "VTK"),
        (b"CDF\x01", "netCDF-3 or MINC 1"),
        (b"CDF\x02", "netCDF-3"),
        (b"SIMPLE  =", "FITS"),
        (b"ZISRAWFILE", "Zeiss CZI"),
        (b"\xfd7zXZ\0", "xz-compressed"),
        (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
        (b"Rar!\x1a\x07", "RAR"),
    ];
    KNOWN.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, name)| *name)
}

/// Facts of a file that is only recognised: its format's name.
pub(crate) fn facts(head: &[u8]) -> Option<HeadFacts> {
    let format = name(head)?.to_string();
    Some(HeadFacts { format, ..HeadFacts::default() })
}
