//! The multipart reader alone: which parts a body has does not depend on how it arrives, and no beginning of one passes for
//! the whole.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

use super::frames::{ASIDE_BYTES_MAX, HEAD_BYTES_MAX, HEAD_LINES_MAX};
use super::*;

/// Gives `bytes` in pieces of one size.
struct Pieces<'a> {
    bytes: &'a [u8],
    size: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.size.min(into.len()).min(self.bytes.len());
        into[..count].copy_from_slice(&self.bytes[..count]);
        self.bytes = &self.bytes[count..];
        Ok(count)
    }
}

/// What is wrong, by code and sentence.
type Refusal = (&'static str, String);

/// The parts of a body by id and content; or the code and the sentence of what is wrong.
fn parts(body: &[u8], boundary: &str, size: usize) -> Result<Vec<(String, Vec<u8>)>, Refusal> {
    let run = || -> Result<Vec<(String, Vec<u8>)>, ApiError> {
        let mut multipart = Multipart::new(Pieces { bytes: body, size }, boundary)?;
        let mut found = Vec::new();
        while let Some(head) = multipart.next_part()? {
            let mut content = Vec::new();
            multipart.read_to_end(&mut content).map_err(crate::io::api_error)?;
            assert_eq!(multipart.read(&mut [0; 8]).unwrap(), 0, "a part that has ended stays so");
            found.push((head.id().unwrap_or("-").to_owned(), content));
        }
        multipart.finish()?;
        Ok(found)
    };
    run().map_err(|error| (error.code.name, error.detail))
}

/// The same with a boundary `b`, however the body arrives.
fn told(body: &[u8]) -> Result<Vec<(String, String)>, Refusal> {
    let found = parts(body, "b", usize::MAX);
    for size in [1, 2, 3, 7] {
        assert_eq!(parts(body, "b", size), found, "pieces of {size}: {}", String::from_utf8_lossy(body));
    }
    found.map(|parts| parts.into_iter().map(|(id, content)| (id, String::from_utf8(content).unwrap())).collect())
}

#[test]
fn parts_are_where_their_boundaries_are() {
    let one = |content: &str| vec![("-".to_owned(), content.to_owned())];
    for (body, expected) in [
        ("--b\r\n\r\nx\r\n--b--\r\n", one("x")),
        ("--b\r\n\r\nx\r\n--b--", one("x")),
        ("--b\n\nx\n--b--\n", one("x")),
        ("--b \t\r\n\r\nx\r\n--b-- \t", one("x")),
        ("--b\r\n\r\n\r\n--b--\r\n", one("")),
        ("--b\r\n\r\n--b--\r\n", one("")),
        ("\r\n--b\r\n\r\nx\r\n--b--\r\n", one("x")),
        ("This is a message\r\nin parts: --b--\r\n--bb\r\n--b\r\n\r\nx\r\n--b--\r\nthe end\r\n--b\r\n", one("x")),
        ("--b\r\n\r\nx\r\n\r\n--b--\r\n", one("x\r\n")),
        ("--b\r\n\r\n\r\nx\n\n--b--\r\n", one("\r\nx\n")),
        ("--b\r\n\r\nx--b--\r\n--b--\r\n", one("x--b--")),
        (
            "--b\r\n\r\n--bc\r\n--b-\r\n--b-x\r\n --b\r\n--b--x\r\n-b\r\n--b\r--b--\r\n--b--\r\n",
            one("--bc\r\n--b-\r\n--b-x\r\n --b\r\n--b--x\r\n-b\r\n--b\r--b--"),
        ),
        (
            "--b\r\nContent-ID: <a>\r\n\r\nx\r\n--b\r\ncontent-id:b\r\n\r\n\r\n--b\nCONTENT-ID:\n  <c@d>\n\ny\n--b--",
            vec![("a".to_owned(), "x".to_owned()), ("b".to_owned(), String::new()), ("c@d".to_owned(), "y".to_owned())],
        ),
        ("--b--", vec![]),
        ("nothing\r\n--b--\r\n", vec![]),
    ] {
        assert_eq!(told(body.as_bytes()).unwrap(), expected, "{body:?}");
    }
}

#[test]
fn transfer_encodings_are_taken_off() {
    for (encoding, content, expected) in [
        ("binary", "=41QQ==", Ok("=41QQ==")),
        ("8Bit", "x", Ok("x")),
        ("7bit", "x", Ok("x")),
        ("base64", "QUJD", Ok("ABC")),
        ("Base64", " QU\r\nJD\tRA= =\r\n\r\n", Ok("ABCD")),
        ("base64", "", Ok("")),
        ("base64", "QUJDR", Err("in the middle of a group")),
        ("base64", "QUJDRA", Err("in the middle of a group")),
        ("base64", "QUJ", Err("in the middle of a group")),
        ("base64", "Q===", Err("a character that it cannot have")),
        ("base64", "QQ==QQ==", Err("a character that it cannot have")),
        ("base64", "QQ==Q", Err("something follows")),
        ("base64", "QU-D", Err("a character that it cannot have")),
        ("base64", "<xml", Err("a character that it cannot have")),
        ("quoted-printable", "a=3D=3d=C3=A4 b=\r\nc=\nd= \t\r\ne \r\n=41", Ok("a==\u{e4} bcde \r\nA")),
        ("quoted-printable", "=4", Err("in the middle of an escape")),
        ("quoted-printable", "x=", Err("in the middle of an escape")),
        ("quoted-printable", "=zz", Err("a = that begins nothing")),
        ("quoted-printable", "==", Err("a = that begins nothing")),
        ("quoted-printable", "= 41", Err("a = that begins nothing")),
        ("quoted-printable", "=\rx", Err("a = that begins nothing")),
        ("x-uuencode", "x", Err("is not known")),
    ] {
        let body = format!("--b\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n{content}\r\n--b--");
        match (told(body.as_bytes()), expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found[0].1, expected, "{encoding} {content:?}"),
            (Err((_, detail)), Err(expected)) => assert!(detail.contains(expected), "{encoding} {content:?}: {detail}"),
            (found, _) => panic!("{encoding} {content:?}: {found:?}"),
        }
    }
}

#[test]
fn whatever_is_no_multipart_body_is_refused() {
    let invalid = "soap_attachment_invalid";
    for (body, code, what) in [
        ("", invalid, "is nowhere in the body"),
        ("--", invalid, "is nowhere in the body"),
        ("--b", invalid, "is nowhere in the body"),
        ("--c\r\n\r\nx\r\n--c--", invalid, "is nowhere in the body"),
        ("x --b\r\n\r\nx", invalid, "is nowhere in the body"),
        ("--b\r\n", "body_incomplete", "inside the head of a part"),
        ("--b\r\nContent-ID: x", "body_incomplete", "inside the head of a part"),
        ("--b\r\nContent-ID: x\r\n", "body_incomplete", "inside the head of a part"),
        ("--b\r\n\r\n", "body_incomplete", "before its closing boundary"),
        ("--b\r\n\r\nx\r\n--b", "body_incomplete", "before its closing boundary"),
        ("--b\r\n\r\nx\r\n--b-", "body_incomplete", "before its closing boundary"),
        ("--b\r\n\r\nx\r\n--b\r\n\r\ny", "body_incomplete", "before its closing boundary"),
        ("--b\r\nno colon\r\n\r\nx\r\n--b--", invalid, "\"no colon\" has no place"),
        ("--b\r\n folded\r\n\r\nx\r\n--b--", invalid, "\" folded\" has no place"),
        ("--b\r\n--b--", "body_incomplete", "inside the head of a part"),
        ("--b\r\nA: \u{0}\r\n\r\nx\r\n--b--", invalid, "a control character"),
        ("--b\r\nA: x\rB: y\r\n\r\nx\r\n--b--", invalid, "a control character"),
        ("--b\r\nContent-ID: x\r\nContent-Id: y\r\n\r\nx\r\n--b--", invalid, "content-id twice"),
        ("--b\r\nContent-Type: x\r\ncontent-type: x\r\n\r\nx\r\n--b--", invalid, "content-type twice"),
    ] {
        let (found, detail) = told(body.as_bytes()).unwrap_err();
        assert_eq!(found, code, "{body:?}: {detail}");
        assert!(detail.contains(what), "{body:?}: {detail}");
    }
}

#[test]
fn limits_hold_from_both_sides() {
    let head = |lines: usize, bytes: usize| {
        let mut head = "A:\r\n".repeat(lines - 1);
        head.push_str(&format!("B:{}\r\n", "x".repeat(bytes - 2 - 2 * (lines - 1))));
        format!("--b\r\n{head}\r\n\r\n--b--")
    };
    let before = |bytes: usize| format!("{}\r\n--b\r\n\r\n\r\n--b--", "x".repeat(bytes));
    let behind = |bytes: usize| format!("--b\r\n\r\n\r\n--b--\r\n{}", "x".repeat(bytes));
    let padded = |bytes: usize| format!("--b\r\n\r\n\r\n--b{}\r\n\r\n\r\n--b--", " ".repeat(bytes));
    for (name, body, expected) in [
        ("lines of a head", head(HEAD_LINES_MAX, 1000), Ok(1)),
        ("a line more", head(HEAD_LINES_MAX + 1, 1000), Err("limit_exceeded")),
        ("bytes of a head", head(2, HEAD_BYTES_MAX), Ok(1)),
        ("a byte more", head(2, HEAD_BYTES_MAX + 1), Err("limit_exceeded")),
        ("a giant line", head(1, 10 * HEAD_BYTES_MAX), Err("limit_exceeded")),
        ("bytes before the first", before(ASIDE_BYTES_MAX), Ok(1)),
        ("a byte more before", before(ASIDE_BYTES_MAX + 1), Err("soap_attachment_invalid")),
        ("bytes behind the last", behind(ASIDE_BYTES_MAX), Ok(1)),
        ("a byte more behind", behind(ASIDE_BYTES_MAX + 1), Err("limit_exceeded")),
        ("blanks behind a boundary", padded(128), Ok(2)),
        ("a blank more is no boundary", padded(129), Ok(1)),
    ] {
        for size in [7, 1000, usize::MAX] {
            let found = parts(body.as_bytes(), "b", size).map(|parts| parts.len()).map_err(|(code, _)| code);
            assert_eq!(found, expected, "{name}, pieces of {size}");
        }
    }
    for (boundary, is_one) in [
        ("b".repeat(70), true),
        ("b".repeat(71), false),
        (String::new(), false),
        ("a b".to_owned(), true),
        ("a ".to_owned(), false),
        ("a\u{1}".to_owned(), false),
        ("\u{e4}".to_owned(), false),
        ("----=_Part_0_1234.567+/:?'()".to_owned(), true),
    ] {
        let body = format!("--{boundary}\r\n\r\nx\r\n--{boundary}--");
        let found = parts(body.as_bytes(), &boundary, 50).map_err(|(code, _)| code).map(|parts| parts.len());
        assert_eq!(found, if is_one { Ok(1) } else { Err("soap_attachment_invalid") }, "{boundary:?}");
    }
}

#[test]
fn a_part_that_nobody_reads_is_passed_over() {
    let body =
        format!("--b\r\nContent-ID: a\r\n\r\n{}\r\n--b\r\nContent-ID: b\r\n\r\nx\r\n--b--", "x\r\n".repeat(100_000));
    let mut multipart = Multipart::new(body.as_bytes(), "b").unwrap();
    let ids: Vec<_> =
        std::iter::from_fn(|| multipart.next_part().unwrap().map(|head| head.id().map(str::to_owned))).collect();
    assert_eq!(ids, [Some("a".to_owned()), Some("b".to_owned())]);
    assert_eq!(multipart.read(&mut [0; 8]).unwrap(), 0, "there is no part any more");
}

/// What lies in parts: text full of what may be taken for a boundary.
fn content() -> impl Strategy<Value = Vec<u8>> {
    let pieces =
        vec!["\r\n", "\n", "\r", "--", "-", "--b", "b", "\r\n--", "\r\n--bo", "\r\n--bou", "x", " ", "\0\u{ff}"];
    let piece = prop::sample::select(pieces).prop_map(|piece| piece.as_bytes().to_vec());
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn written(contents: &[Vec<u8>], line_end: &str, boundary: &str) -> Vec<u8> {
    let mut body = Vec::new();
    for (at, content) in contents.iter().enumerate() {
        body.extend_from_slice(format!("--{boundary}{line_end}Content-ID: <{at}>{line_end}{line_end}").as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(line_end.as_bytes());
    }
    body.extend_from_slice(format!("--{boundary}--{line_end}").as_bytes());
    body
}

proptest! {
    #[test]
    fn what_was_written_is_read_however_it_arrives(
        contents in prop::collection::vec(content(), 1..5), size in 1_usize..200, cut in any::<prop::sample::Index>(),
    ) {
        let body = written(&contents, "\r\n", "boundary");
        let expected: Vec<_> = contents.iter().enumerate().map(|(at, content)| (at.to_string(), content.clone())).collect();
        prop_assert_eq!(&parts(&body, "boundary", size).unwrap(), &expected);
        prop_assert_eq!(&parts(&body, "boundary", 1).unwrap(), &expected);

        // Without its last line end it is whole; anything less is an error.
        let cut = cut.index(body.len() - 2);
        let found = parts(&body[..cut], "boundary", size);
        prop_assert!(found.is_err(), "{} of {} bytes: {:?}", cut, body.len(), found);
    }

    #[test]
    fn base64_and_quoted_printable_come_back(bytes in prop::collection::vec(any::<u8>(), 0..3000), line in 1_usize..200) {
        let base64 = in_lines(&bytes, line);
        let quoted: Vec<u8> = bytes.iter().flat_map(|byte| format!("={byte:02X}=\r\n").into_bytes()).collect();
        for (encoding, content) in [("base64", base64), ("quoted-printable", quoted)] {
            let mut body = format!("--b\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n").into_bytes();
            body.extend_from_slice(&content);
            body.extend_from_slice(b"\r\n--b--");
            let found = parts(&body, "b", 1000).unwrap();
            prop_assert!(found[0].1 == bytes, "{}", encoding);
        }
    }

    #[test]
    fn any_bytes_come_to_an_end(bytes in prop::collection::vec(any::<u8>(), 0..300), size in 1_usize..50) {
        let body = [b"--b\r\n", &bytes[..], b"\r\n--b--"].concat();
        for body in [&bytes, &body] {
            prop_assert_eq!(parts(body, "b", size), parts(body, "b", usize::MAX));
        }
    }
}

/// Base64 in lines.
fn in_lines(bytes: &[u8], line: usize) -> Vec<u8> {
    let text = STANDARD.encode(bytes);
    text.as_bytes().chunks(line).flat_map(|line| [line, b"\r\n"].concat()).collect()
}
