//! Transfer syntaxes (PS3.5 annex A, PS3.6 annex A): how a file spells its elements and packs its pixels.

use super::elements::Spelling;

/// How pixels are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Native,
    Runs,
    Jpeg,
    JpegLs,
    Jpeg2000,
}

/// The packing, or the name of one that is not read.
pub(super) fn packing(uid: &str) -> Result<Packing, String> {
    let Some(last) = uid.strip_prefix("1.2.840.10008.1.2") else { return Err(format!("the unknown transfer syntax {uid}")) };
    Ok(match last {
        "" | ".1" | ".2" | ".1.99" => Packing::Native,
        ".5" => Packing::Runs,
        // Baseline, extended, progressive (no longer written) and lossless: the stream says itself which it is.
        ".4.50" | ".4.51" | ".4.53" | ".4.55" | ".4.57" | ".4.70" => Packing::Jpeg,
        ".4.80" | ".4.81" => Packing::JpegLs,
        ".4.90" | ".4.91" => Packing::Jpeg2000,
        _ => {
            let name = match last {
                ".1.98" => "encapsulated uncompressed pixels",
                ".4.92" | ".4.93" => "JPEG 2000 with several components",
                ".4.94" | ".4.95" => "JPIP (pixels on a server)",
                ".4.100" | ".4.100.1" | ".4.101" | ".4.101.1" => "MPEG-2 video",
                ".4.102" | ".4.102.1" | ".4.103" | ".4.103.1" | ".4.104" | ".4.105" | ".4.106" => "H.264 video",
                ".4.107" | ".4.108" => "H.265 video",
                ".4.110" | ".4.111" | ".4.112" => "JPEG XL",
                ".4.201" | ".4.202" | ".4.203" => "High-Throughput JPEG 2000",
                ".4.204" | ".4.205" => "JPIP (pixels on a server)",
                other => return Err(format!("the transfer syntax 1.2.840.10008.1.2{other}")),
            };
            return Err(name.into());
        }
    })
}

/// Elements are explicit and little-endian, with three exceptions.
pub(super) fn spelling(uid: &str) -> Spelling {
    Spelling { explicit: uid != "1.2.840.10008.1.2", big_endian: uid == "1.2.840.10008.1.2.2", deflated: uid == "1.2.840.10008.1.2.1.99" }
}
