//! What a file is called on the wire: its media type by its ending, its name for saving. Deposited files are strangers'
//! files: nothing is ever announced as a page or a program, so that no browser runs it here.

use std::fmt::Write;

/// By the ending of the name; what is not known is bytes.
pub(crate) fn type_of(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map_or(String::new(), |(_, ending)| ending.to_ascii_lowercase());
    match ending.as_str() {
        "tif" | "tiff" => "image/tiff",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "jp2" => "image/jp2",
        "pdf" => "application/pdf",
        "json" => "application/json",
        "txt" | "md" | "log" | "csv" | "tsv" | "xml" | "html" | "htm" | "svg" | "xhtml" | "js" | "mjs" | "css" | "yaml" | "yml"
        | "toml" | "ini" | "py" | "m" | "r" => "text/plain; charset=utf-8",
        "zip" => "application/zip",
        "gz" => "application/gzip",
        "h5" | "hdf5" | "nxs" | "nx" => "application/x-hdf5",
        "dcm" => "application/dicom",
        "mp4" => "video/mp4",
        "webm" => "video/webm",
        "glb" => "model/gltf-binary",
        "stl" => "model/stl",
        "obj" => "model/obj",
        "3mf" => "model/3mf",
        _ => "application/octet-stream",
    }
}

/// Whether a browser may show it where it is; everything else is saved.
fn is_shown(media_type: &str) -> bool {
    matches!(media_type, "image/png" | "image/jpeg" | "image/webp" | "image/gif" | "text/plain; charset=utf-8" | "application/json")
}

/// `Content-Disposition` with the name in both spellings of RFC 6266.
pub(crate) fn disposition(name: &str, media_type: &str) -> String {
    let mut line = if is_shown(media_type) { "inline".to_owned() } else { "attachment".to_owned() };
    let plain: String = name
        .chars()
        .map(|letter| if letter.is_ascii_graphic() && !matches!(letter, '"' | '\\' | '%') || letter == ' ' { letter } else { '_' })
        .collect();
    // Writing into a string cannot fail.
    let _ = write!(line, "; filename=\"{plain}\"");
    if plain != name {
        line.push_str("; filename*=UTF-8''");
        for byte in name.bytes() {
            if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'~') {
                line.push(char::from(byte));
            } else {
                let _ = write!(line, "%{byte:02X}");
            }
        }
    }
    line
}

/// A path as it stands in an address; `/` stays.
pub(crate) fn escape_path(path: &str) -> String {
    let mut escaped = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'~' | b'/') {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_announced_that_a_browser_would_run() {
        for name in ["a.html", "a.HTM", "a.svg", "a.xhtml", "a.js", "a.xml", "a", "a.unknown", ".html"] {
            let media_type = type_of(name);
            assert!(media_type.starts_with("text/plain") || media_type == "application/octet-stream", "{name}: {media_type}");
        }
        assert_eq!(type_of("slice_0001.TIF"), "image/tiff");
    }

    #[test]
    fn a_name_is_saved_as_it_was_and_cannot_break_the_header() {
        assert_eq!(disposition("slice 1.tif", "image/tiff"), "attachment; filename=\"slice 1.tif\"");
        assert_eq!(
            disposition("Käfer\"\r\n.tif", "image/tiff"),
            "attachment; filename=\"K_fer___.tif\"; filename*=UTF-8''K%C3%A4fer%22%0D%0A.tif"
        );
        assert!(disposition("a.png", "image/png").starts_with("inline"));
        assert!(disposition("a.pdf", "application/pdf").starts_with("attachment"));
    }

    #[test]
    fn a_path_survives_its_address() {
        assert_eq!(escape_path("Kiefer rechts/50%?#ä.tif"), "Kiefer%20rechts/50%25%3F%23%C3%A4.tif");
    }
}
