//! The content type of a file by the end of its name. Pure: nobody looks into the file; readers do.

use std::path::Path;

use plugpoint_http::MediaType;

/// Ends of names, and what such files are.
const KNOWN: &[(&str, &str)] = &[
    ("xml", "application/xml"),
    ("onx", "application/xml"),
    ("onix", "application/xml"),
    ("json", "application/json"),
    ("ndjson", "application/x-ndjson"),
    ("jsonl", "application/x-ndjson"),
    ("csv", "text/csv"),
    ("tsv", "text/tab-separated-values"),
    ("tab", "text/tab-separated-values"),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
];

/// Ends of names of what nobody unpacks.
const PACKED: &[&str] = &["gz", "zip", "bz2", "xz", "zst", "7z", "tar", "tgz", "rar"];

/// The content type of a file; bytes of any kind where the name says nothing.
///
/// # Errors
/// A sentence about a file that has to be unpacked first.
pub fn of_file(path: &Path) -> Result<MediaType, String> {
    let end = path.extension().and_then(|end| end.to_str()).unwrap_or_default().to_ascii_lowercase();
    if PACKED.contains(&end.as_str()) {
        return Err(format!("a .{end} file is not unpacked; unpack it first, and send what is in it"));
    }
    let known = KNOWN.iter().find(|(known, _)| *known == end).map(|(_, media_type)| *media_type);
    let essence = known.unwrap_or("application/octet-stream").to_owned();
    Ok(MediaType { essence, charset: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_the_name_tells() {
        let cases = [
            ("a.xml", Ok("application/xml")),
            ("A.XML", Ok("application/xml")),
            ("dir.csv/a.json", Ok("application/json")),
            ("a.b.ndjson", Ok("application/x-ndjson")),
            ("a.tsv", Ok("text/tab-separated-values")),
            ("a.001", Ok("application/octet-stream")),
            ("csv", Ok("application/octet-stream")),
            (".csv", Ok("application/octet-stream")),
            ("a.xml.gz", Err("a .gz file is not unpacked; unpack it first, and send what is in it")),
        ];
        for (name, expected) in cases {
            let told = of_file(Path::new(name));
            assert_eq!(told.as_ref().map(|it| it.essence.as_str()).map_err(String::as_str), expected, "{name}");
        }
    }
}
