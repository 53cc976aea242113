//! The words of the tus protocol: metadata and checksums in headers.

use crate::base64;
use archive::Refusal;
use http::HeaderMap;
use record::{
    file::{BadPath, FilePath},
    id::{RecordId, UploadId},
    upload::{Purpose, Upload},
};
use sha2::{Digest, Sha256};

/// What `Upload-Concat` says of an upload that begins.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Concat {
    /// It is a part.
    Partial,
    /// It is made of these parts.
    Final(Vec<UploadId>),
}

impl Concat {
    /// Reads `partial`, or `final;` and the addresses of parts with spaces between, absolute or not.
    pub(super) fn read(headers: &HeaderMap) -> Result<Option<Self>, Refusal> {
        let Some(line) = headers.get("upload-concat") else { return Ok(None) };
        let bad = || {
            Refusal::invalid("Upload-Concat", "Upload-Concat makes no sense.", "Send partial, or final; and the addresses of the parts.")
        };
        let line = line.to_str().map_err(|_| bad())?.trim();
        if line == "partial" {
            return Ok(Some(Self::Partial));
        }
        let addresses = line.strip_prefix("final;").ok_or_else(bad)?;
        let id = |address: &str| address.rsplit_once("/api/v1/uploads/").and_then(|(_, id)| id.parse().ok());
        addresses.split_whitespace().map(id).collect::<Option<Vec<UploadId>>>().map(|parts| Some(Self::Final(parts))).ok_or_else(bad)
    }

    /// As the header says it; `None` for an ordinary upload.
    pub(super) fn line(purpose: &Purpose) -> Option<String> {
        match purpose {
            Purpose::File => None,
            Purpose::Part => Some("partial".to_owned()),
            Purpose::Join { parts } => {
                let addresses: Vec<String> = parts.iter().map(|part| format!("/api/v1/uploads/{part}")).collect();
                Some(format!("final;{}", addresses.join(" ")))
            }
        }
    }
}

/// Which file of which record an upload is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Metadata {
    pub(super) record: RecordId,
    /// Present unless it is a part.
    pub(super) path: Option<FilePath>,
    pub(super) replace: bool,
}

impl Metadata {
    /// Reads `record <base64>,path <base64>,replace <base64 of "true">`.
    pub(super) fn read(line: &[u8]) -> Result<Self, Refusal> {
        let bad = |what: &'static str| Refusal::invalid("Upload-Metadata", what, "Send Upload-Metadata: record <base64>,path <base64>.");
        let line = std::str::from_utf8(line).map_err(|_| bad("Upload-Metadata is not ASCII."))?;
        let (mut record, mut path, mut name, mut replace) = (None, None, None, false);
        for pair in line.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
            let value = base64::decode(value.trim()).ok_or_else(|| bad("A value of Upload-Metadata is not base64."))?;
            let value = String::from_utf8(value).map_err(|_| bad("A value of Upload-Metadata is not UTF-8."))?;
            match key {
                "record" => record = Some(value),
                "path" => path = Some(value),
                // What clients send who know nothing of folders.
                "filename" | "name" => name = Some(value),
                "replace" => replace = value == "true",
                _ => {}
            }
        }
        let record = record.ok_or_else(|| bad("Upload-Metadata does not say which record the file belongs to."))?;
        let path = path.or(name).map(|path| path.parse()).transpose();
        Ok(Self { record: record.parse().map_err(|_| Refusal::NotFound)?, path: path.map_err(|bad: BadPath| Refusal::from(bad))?, replace })
    }

    pub(super) fn path(self) -> Result<FilePath, Refusal> {
        let hint = "Send Upload-Metadata: record <base64>,path <base64>.";
        self.path.ok_or_else(|| Refusal::invalid("Upload-Metadata", "Upload-Metadata does not say the path of the file.", hint))
    }
}

pub(super) fn metadata_line(upload: &Upload) -> String {
    format!("record {},path {}", base64::encode(upload.record.as_str().as_bytes()), base64::encode(upload.path.as_str().as_bytes()))
}

/// What the sum of a piece must be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Checksum {
    Sha256(Vec<u8>),
    Sha1(Vec<u8>),
}

impl Checksum {
    pub(super) fn read(headers: &HeaderMap) -> Result<Option<Self>, Refusal> {
        let Some(line) = headers.get("upload-checksum") else { return Ok(None) };
        let bad = || {
            Refusal::invalid(
                "Upload-Checksum",
                "Upload-Checksum makes no sense.",
                "Send the algorithm, sha256 or sha1, a space, and the sum in base64.",
            )
        };
        let (algorithm, sum) = line.to_str().ok().and_then(|line| line.split_once(' ')).ok_or_else(bad)?;
        let sum = base64::decode(sum.trim()).ok_or_else(bad)?;
        match (algorithm, sum.len()) {
            ("sha256", 32) => Ok(Some(Self::Sha256(sum))),
            ("sha1", 20) => Ok(Some(Self::Sha1(sum))),
            _ => Err(bad()),
        }
    }

    pub(super) fn fits(&self, piece: &[u8]) -> bool {
        match self {
            Self::Sha256(sum) => Sha256::digest(piece).as_slice() == sum.as_slice(),
            Self::Sha1(sum) => sha1::Sha1::digest(piece).as_slice() == sum.as_slice(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn line(pairs: &[(&str, &str)]) -> String {
        pairs.iter().map(|(key, value)| format!("{key} {}", base64::encode(value.as_bytes()))).collect::<Vec<_>>().join(",")
    }

    #[test]
    fn metadata_name_record_and_path() {
        let read = |pairs: &[(&str, &str)]| Metadata::read(line(pairs).as_bytes());
        let good = read(&[("record", "7h3k9x2q4"), ("path", "Käfer/1.tif"), ("filename", "1.tif"), ("replace", "true")]).unwrap();
        assert_eq!((good.replace, good.path().unwrap().as_str()), (true, "Käfer/1.tif"));
        assert_eq!(read(&[("record", "7h3k9x2q4"), ("filename", "1.tif")]).unwrap().path().unwrap().as_str(), "1.tif");
        assert!(matches!(read(&[("record", "../../etc"), ("path", "a")]), Err(Refusal::NotFound)));
        for bad in [&[("path", "a")][..], &[("record", "7h3k9x2q4"), ("path", "../a")], &[("record", "7h3k9x2q4"), ("path", "")], &[]] {
            assert!(matches!(read(bad), Err(Refusal::Invalid { .. })), "{bad:?}");
        }
        assert!(read(&[("record", "7h3k9x2q4")]).unwrap().path().is_err(), "only a part needs no path");
        assert!(Metadata::read(b"record !!!,path YQ==").is_err());
        assert!(Metadata::read(b"\xff").is_err());
    }

    #[test]
    fn parts_are_named_by_their_addresses() {
        let read =
            |line: &str| Concat::read(&HeaderMap::from_iter([("upload-concat".parse().unwrap(), HeaderValue::from_str(line).unwrap())]));
        let (one, other) = (UploadId::from_random(&[1; 20]), UploadId::from_random(&[2; 20]));
        assert_eq!(read("partial").unwrap(), Some(Concat::Partial));
        let line = format!("final;/api/v1/uploads/{one} https://science3d.test/api/v1/uploads/{other}");
        let parts = vec![one, other];
        assert_eq!(read(&line).unwrap(), Some(Concat::Final(parts.clone())));
        let again = Concat::line(&Purpose::Join { parts: parts.clone() }).unwrap();
        assert_eq!(read(&again).unwrap(), Some(Concat::Final(parts)));
        for bad in ["", "Partial", "final", "final;/etc/passwd", "final;/api/v1/uploads/../x"] {
            assert!(read(bad).is_err(), "{bad:?}");
        }
        assert_eq!(Concat::read(&HeaderMap::new()).unwrap(), None);
    }

    #[test]
    fn a_sum_fits_its_piece_and_no_other() {
        let sum = |line: &str| {
            Checksum::read(&HeaderMap::from_iter([("upload-checksum".parse().unwrap(), HeaderValue::from_str(line).unwrap())]))
        };
        let sha256 = sum("sha256 ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=").unwrap().unwrap();
        assert!(sha256.fits(b"abc") && !sha256.fits(b"abd"));
        let sha1 = sum("sha1 qZk+NkcGgWq6PiVxeFDCbJzQ2J0=").unwrap().unwrap();
        assert!(sha1.fits(b"abc") && !sha1.fits(b""));
        for bad in ["md5 abcd", "sha256", "sha256 abcd", "sha1 ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="] {
            assert!(sum(bad).is_err(), "{bad}");
        }
        assert_eq!(Checksum::read(&HeaderMap::new()).unwrap(), None);
    }
}
