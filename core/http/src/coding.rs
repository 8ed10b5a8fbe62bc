//! Content codings of request bodies: which are taken, and how a packed body is unpacked while it comes in.
//!
//! `body` is the only caller. It holds one window of 32 KiB and one piece of output, whatever the body unpacks to, and gives up
//! as soon as a body grows by more than is allowed. It refuses what is broken, cut off or followed by anything else, so that
//! whoever has read to the end has all that was packed. It knows no HTTP body and no document.

use axum::body::Bytes;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, TRANSFER_ENCODING};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use flate2::{Decompress, DecompressError, FlushDecompress, Status};
use plugpoint_sdk::codes;
use plugpoint_sdk::error::ApiError;

/// What is taken, as the header of the answer to anything else has it.
const ACCEPTED: HeaderValue = HeaderValue::from_static("gzip, deflate, identity");

/// Up to this size a body may grow by any ratio: a few thousand records that differ in a number pack very well.
const UNRATED_BYTES: u64 = 1 << 20;

/// What a member counts as, whatever it unpacks to: a body that is next to nothing but heads of members is no document. An empty
/// one takes 20 bytes and a microsecond, so that `members_max` alone would let in a second's work at the most.
const MEMBER_BYTES: u64 = 16 << 10;

/// How much is unpacked in one go.
const PIECE_BYTES: usize = 64 << 10;

/// The size of the window, as zlib counts it; all that deflate allows.
const WINDOW_BITS: u8 = 15;

/// How a body is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    /// RFC 1952, one member or several.
    Gzip,
    /// RFC 1950; or RFC 1951 alone, which is what many clients take the word for.
    Deflate,
}

impl Coding {
    /// How a request's body is packed; `None` if it is not.
    ///
    /// # Errors
    /// `media_type_unsupported`, which [`tell_codings`] knows.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Option<Self>, ApiError> {
        if words(headers, &TRANSFER_ENCODING)?.iter().any(|word| word != "chunked") {
            return Err(refused("the body has a transfer coding besides chunked; say Content-Encoding instead"));
        }
        let mut codings = words(headers, &CONTENT_ENCODING)?;
        codings.retain(|coding| coding != "identity");
        match codings.as_slice() {
            [] => Ok(None),
            [one] => match one.as_str() {
                "gzip" | "x-gzip" => Ok(Some(Self::Gzip)),
                "deflate" => Ok(Some(Self::Deflate)),
                other => {
                    let other: String = other.chars().take(40).collect();
                    Err(refused(&format!("the content coding {other:?} is not known; send gzip or deflate")))
                }
            },
            _ => Err(refused("the body has more than one content coding; pack it once, with gzip or deflate")),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
        }
    }
}

/// The entries of a header that is a list, in lower case.
fn words(headers: &HeaderMap, name: &HeaderName) -> Result<Vec<String>, ApiError> {
    let mut words = Vec::new();
    for line in headers.get_all(name) {
        let line = line.to_str().map_err(|_| refused(&format!("the header {name} is not readable")))?;
        words.extend(line.split(',').map(|word| word.trim().to_ascii_lowercase()).filter(|word| !word.is_empty()));
    }
    Ok(words)
}

/// Behind an error: the body's coding is refused, not its content type.
#[derive(Debug, thiserror::Error)]
#[error("taken are {ACCEPTED:?}")]
struct CodingRefused;

fn refused(detail: &str) -> ApiError {
    ApiError::new(&codes::MEDIA_TYPE_UNSUPPORTED, detail).caused_by(CodingRefused)
}

/// Puts `Accept-Encoding` on the answer to an error that is about a body's coding, and on no other: by its presence clients
/// tell the two reasons for a 415 apart (RFC 9110, 15.5.16).
pub fn tell_codings(error: &ApiError, headers: &mut HeaderMap) {
    if error.source.as_ref().is_some_and(|source| source.is::<CodingRefused>()) {
        headers.insert(ACCEPT_ENCODING, ACCEPTED);
    }
}

/// By how much a packed body may grow, and in how many parts it may come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UnpackLimits {
    pub(crate) ratio_max: u64,
    pub(crate) members_max: u64,
}

/// Unpacks one body.
pub(crate) struct Unpacker {
    coding: Coding,
    limits: UnpackLimits,
    stage: Stage,
    /// Members of which the beginning was seen.
    members: u64,
    packed_bytes: u64,
    unpacked_bytes: u64,
    piece: Vec<u8>,
}

enum Stage {
    /// Nothing has come yet.
    Waiting,
    Inside(Box<Decompress>),
    /// At the end of what was packed, which its checksum has proved.
    Ended,
}

impl Unpacker {
    pub(crate) fn new(coding: Coding, limits: UnpackLimits) -> Self {
        let piece = vec![0; PIECE_BYTES];
        Self { coding, limits, stage: Stage::Waiting, members: 0, packed_bytes: 0, unpacked_bytes: 0, piece }
    }

    /// The next unpacked bytes, taking what it needs for them from the front of `packed`; empty if it needs more than that.
    ///
    /// # Errors
    /// `document_malformed`, `limit_exceeded`.
    pub(crate) fn unpack(&mut self, packed: &mut Bytes) -> Result<Bytes, ApiError> {
        loop {
            if !matches!(self.stage, Stage::Inside(_)) {
                let Some(first) = packed.first() else { return Ok(Bytes::new()) };
                self.begin(*first)?;
            }
            let Stage::Inside(stream) = &mut self.stage else { return Ok(Bytes::new()) };
            let (bytes_in, bytes_out) = (stream.total_in(), stream.total_out());
            let unpacked = stream.decompress(packed, &mut self.piece, FlushDecompress::None);
            let (bytes_in, bytes_out) = (stream.total_in() - bytes_in, stream.total_out() - bytes_out);
            let status = unpacked.map_err(|error| self.broken(&error))?;
            self.count(bytes_in, bytes_out)?;
            // Both counts are of what was just handed over, and so within it.
            drop(packed.split_to(packed.len().min(usize::try_from(bytes_in).unwrap_or(usize::MAX))));
            if status == Status::StreamEnd {
                self.stage = Stage::Ended;
            }
            if bytes_out > 0 {
                let length = self.piece.len().min(usize::try_from(bytes_out).unwrap_or(usize::MAX));
                return Ok(Bytes::copy_from_slice(&self.piece[..length]));
            }
            if bytes_in == 0 && status != Status::StreamEnd {
                return Ok(Bytes::new());
            }
        }
    }

    /// To be called when no more packed bytes come; may be called again.
    ///
    /// # Errors
    /// `document_malformed` if there were none at all, `body_incomplete` if they end too early.
    pub(crate) fn end(&self) -> Result<(), ApiError> {
        let name = self.coding.name();
        match self.stage {
            Stage::Waiting => {
                let detail = format!("the body is empty, which {name} never is");
                Err(ApiError::new(&codes::DOCUMENT_MALFORMED, detail))
            }
            Stage::Inside(_) => {
                let detail = format!("the body ends in the middle of what {name} has packed");
                Err(ApiError::new(&codes::BODY_INCOMPLETE, detail))
            }
            Stage::Ended => Ok(()),
        }
    }

    /// Goes to what begins with this byte.
    fn begin(&mut self, first: u8) -> Result<(), ApiError> {
        let is_next = matches!(self.stage, Stage::Ended);
        if is_next && (self.coding == Coding::Deflate || first != 0x1f) {
            let detail = format!("something follows the end of what {} has packed", self.coding.name());
            return Err(ApiError::new(&codes::DOCUMENT_MALFORMED, detail));
        }
        self.members += 1;
        if self.members > self.limits.members_max {
            let detail = format!("the packed body has more than {} members", self.limits.members_max);
            return Err(ApiError::new(&codes::LIMIT_EXCEEDED, detail));
        }
        // The first is the body itself.
        if self.is_beyond((self.members - 1) * MEMBER_BYTES) {
            let detail = format!("the packed body has {} members, too many for its size", self.members);
            return Err(ApiError::new(&codes::LIMIT_EXCEEDED, detail));
        }
        let stream = match self.coding {
            Coding::Gzip => Decompress::new_gzip(WINDOW_BITS),
            // A stream without zlib's header that begins like one would be a stored block with bits set where all write zeros.
            Coding::Deflate => Decompress::new(first & 0x0f == 8),
        };
        self.stage = Stage::Inside(Box::new(stream));
        Ok(())
    }

    fn count(&mut self, bytes_in: u64, bytes_out: u64) -> Result<(), ApiError> {
        self.packed_bytes += bytes_in;
        self.unpacked_bytes += bytes_out;
        if self.is_beyond(self.unpacked_bytes) {
            let detail = format!("the packed body grows to more than {} times its size", self.limits.ratio_max);
            return Err(ApiError::new(&codes::LIMIT_EXCEEDED, detail));
        }
        Ok(())
    }

    /// Whether so many bytes are more than may come of what was taken so far.
    fn is_beyond(&self, bytes: u64) -> bool {
        bytes > UNRATED_BYTES && bytes > self.packed_bytes.saturating_mul(self.limits.ratio_max)
    }

    fn broken(&self, error: &DecompressError) -> ApiError {
        let why = match error.needs_dictionary() {
            Some(_) => "it needs a dictionary that nobody has sent",
            None => error.message().unwrap_or("it is no such stream"),
        };
        let detail = format!("the body cannot be unpacked with {}: {why}", self.coding.name());
        ApiError::new(&codes::DOCUMENT_MALFORMED, detail)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use proptest::prelude::*;

    use super::*;

    const LIMITS: UnpackLimits = UnpackLimits { ratio_max: 200, members_max: 5 };

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(content: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn deflate(content: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    /// What a body unpacks to, arriving in pieces of a size; or the code of what is wrong, and how much was unpacked until then.
    fn unpacked(coding: Coding, packed: &[u8], size: usize) -> Result<Vec<u8>, (&'static str, String, usize)> {
        unpacked_within(LIMITS, coding, packed, size)
    }

    fn unpacked_within(
        limits: UnpackLimits,
        coding: Coding,
        packed: &[u8],
        size: usize,
    ) -> Result<Vec<u8>, (&'static str, String, usize)> {
        let (mut unpacker, mut all) = (Unpacker::new(coding, limits), Vec::new());
        let mut run = || {
            for piece in packed.chunks(size) {
                let mut piece = Bytes::copy_from_slice(piece);
                loop {
                    let bytes = unpacker.unpack(&mut piece)?;
                    if bytes.is_empty() {
                        break;
                    }
                    all.extend_from_slice(&bytes);
                }
                assert!(piece.is_empty(), "all that came is taken");
            }
            unpacker.end()?;
            unpacker.end()
        };
        match run() {
            Ok(()) => Ok(all),
            Err(error) => Err((error.code.name, error.detail, all.len())),
        }
    }

    #[test]
    fn the_codings_of_a_request() {
        type Lines = &'static [(&'static str, &'static str)];
        let cases: [(Lines, Result<Option<Coding>, &str>); 16] = [
            (&[], Ok(None)),
            (&[("content-encoding", "")], Ok(None)),
            (&[("content-encoding", "identity")], Ok(None)),
            (&[("content-encoding", "GZip")], Ok(Some(Coding::Gzip))),
            (&[("content-encoding", " x-gzip ")], Ok(Some(Coding::Gzip))),
            (&[("content-encoding", "deflate")], Ok(Some(Coding::Deflate))),
            (&[("content-encoding", "identity, gzip,")], Ok(Some(Coding::Gzip))),
            (&[("content-encoding", "gzip"), ("content-encoding", "identity")], Ok(Some(Coding::Gzip))),
            (&[("content-encoding", "gzip, gzip")], Err("more than one")),
            (&[("content-encoding", "gzip"), ("content-encoding", "deflate")], Err("more than one")),
            (&[("content-encoding", "br")], Err("\"br\" is not known")),
            (&[("content-encoding", "zstd")], Err("\"zstd\" is not known")),
            (&[("content-encoding", "utf-8")], Err("\"utf-8\" is not known")),
            (&[("transfer-encoding", "Chunked")], Ok(None)),
            (&[("transfer-encoding", "chunked"), ("content-encoding", "gzip")], Ok(Some(Coding::Gzip))),
            (&[("transfer-encoding", "gzip, chunked")], Err("transfer coding")),
        ];
        for (lines, expected) in cases {
            let mut headers = HeaderMap::new();
            for (name, value) in lines {
                headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
            let found = Coding::of(&headers);
            match (&found, expected) {
                (Ok(found), Ok(expected)) => assert_eq!(*found, expected, "{lines:?}"),
                (Err(error), Err(expected)) => {
                    assert!(error.detail.contains(expected), "{lines:?}: {}", error.detail);
                    let mut answer = HeaderMap::new();
                    tell_codings(error, &mut answer);
                    assert_eq!(answer[ACCEPT_ENCODING], "gzip, deflate, identity");
                }
                _ => panic!("{lines:?}: {found:?}"),
            }
        }
        let mut answer = HeaderMap::new();
        tell_codings(&ApiError::new(&codes::MEDIA_TYPE_UNSUPPORTED, "a picture"), &mut answer);
        assert!(answer.is_empty(), "about the content type");
    }

    #[test]
    fn whatever_is_wrong_is_told() {
        let (content, whole) = (b"a small document".as_slice(), gzip(b"a small document"));
        let end = whole.len();
        let changed = |at: usize| {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x55;
            bytes
        };
        let named = {
            let mut encoder = flate2::GzBuilder::new()
                .filename("n".repeat(100_000))
                .comment("c")
                .extra(vec![7; 1000])
                .write(Vec::new(), Compression::best());
            encoder.write_all(content).unwrap();
            encoder.finish().unwrap()
        };
        let dictionary = [&[0x78, 0xbb, 0, 0, 0, 1][..], &deflate(content)].concat();
        type Expected<'a> = Result<&'a [u8], (&'a str, &'a str)>;
        let (g, d) = (Coding::Gzip, Coding::Deflate);
        let cases: Vec<(&str, Coding, Vec<u8>, Expected<'_>)> = vec![
            ("gzip", g, whole.clone(), Ok(content)),
            ("gzip of nothing", g, gzip(b""), Ok(b"")),
            ("a long name, a comment, more", g, named, Ok(content)),
            ("two members", g, [gzip(b"a small "), gzip(b"document")].concat(), Ok(content)),
            ("an empty member at the end", g, [whole.clone(), gzip(b"")].concat(), Ok(content)),
            ("as many members as may be", g, gzip(b"x").repeat(5), Ok(b"xxxxx")),
            ("a member more", g, gzip(b"x").repeat(6), Err(("limit_exceeded", "more than 5 members"))),
            ("zlib", d, zlib(content), Ok(content)),
            ("deflate alone", d, deflate(content), Ok(content)),
            ("deflate alone, stored", d, vec![1, 3, 0, 0xfc, 0xff, b'a', b'b', b'c'], Ok(b"abc")),
            ("zlib that says gzip", g, zlib(content), Err(("document_malformed", "incorrect header check"))),
            ("gzip that says deflate", d, whole.clone(), Err(("document_malformed", "cannot be unpacked"))),
            ("not packed at all", g, content.to_vec(), Err(("document_malformed", "incorrect header check"))),
            ("empty", g, vec![], Err(("document_malformed", "the body is empty, which gzip never is"))),
            ("empty deflate", d, vec![], Err(("document_malformed", "the body is empty, which deflate never is"))),
            ("another method", g, changed(2), Err(("document_malformed", "unknown compression method"))),
            ("a wrong checksum", g, changed(end - 8), Err(("document_malformed", "incorrect data check"))),
            ("a wrong length", g, changed(end - 1), Err(("document_malformed", "incorrect length check"))),
            ("one byte more", g, [&whole[..], b"x"].concat(), Err(("document_malformed", "something follows"))),
            ("zeros behind", g, [&whole[..], &[0; 512]].concat(), Err(("document_malformed", "something follows"))),
            (
                "half a header behind",
                g,
                [&whole[..], &[0x1f, 0x8b]].concat(),
                Err(("body_incomplete", "ends in the middle")),
            ),
            (
                "bytes behind zlib",
                d,
                [zlib(content), zlib(content)].concat(),
                Err(("document_malformed", "something follows")),
            ),
            ("a dictionary", d, dictionary, Err(("document_malformed", "needs a dictionary"))),
        ];
        for (name, coding, packed, expected) in cases {
            for size in [1, 7, 1 << 20] {
                match (unpacked(coding, &packed, size), expected) {
                    (Ok(found), Ok(expected)) => assert_eq!(found, expected, "{name}"),
                    (Err((code, detail, _)), Err((expected, what))) => {
                        assert_eq!(code, expected, "{name}: {detail}");
                        assert!(detail.contains(what), "{name}: {detail}");
                    }
                    (found, _) => panic!("{name}: {found:?}"),
                }
            }
        }
    }

    #[test]
    fn every_cut_is_incomplete() {
        for (coding, packed) in [(Coding::Gzip, gzip(b"abcabcabc")), (Coding::Deflate, zlib(b"abcabcabc"))] {
            for length in 1..packed.len() {
                let (code, detail, _) = unpacked(coding, &packed[..length], 64).unwrap_err();
                assert_eq!(code, "body_incomplete", "{length} bytes: {detail}");
            }
        }
    }

    #[test]
    fn a_bomb_goes_off_small() {
        let bomb = gzip(&vec![0; 64 << 20]);
        assert!(bomb.len() < 80_000, "{}", bomb.len());
        let (code, detail, unpacked_bytes) = unpacked(Coding::Gzip, &bomb, 1 << 20).unwrap_err();
        assert_eq!(
            (code, detail.as_str()),
            ("limit_exceeded", "the packed body grows to more than 200 times its size")
        );
        assert!(unpacked_bytes <= (1 << 20) + PIECE_BYTES, "{unpacked_bytes}");
    }

    #[test]
    fn the_ratio_is_held_from_both_sides() {
        let first = usize::try_from(UNRATED_BYTES).unwrap();
        assert_eq!(unpacked(Coding::Gzip, &gzip(&vec![0; first]), 64).unwrap().len(), first, "of the first MiB any");
        // Zeros pack to a thousandth, noise not at all: so much of each that the whole is above or below 1 : 200.
        let noise: Vec<u8> = (0..40_000_u32).map(|at| blake3::hash(&at.to_le_bytes()).as_bytes()[0]).collect();
        let mixed = |zeros: usize| gzip(&[&noise[..], &vec![0; zeros]].concat());
        let ratio = |zeros: usize| (noise.len() + zeros) / mixed(zeros).len();
        for (zeros, is_taken) in [(8 << 20, true), (11 << 20, false)] {
            assert_eq!(ratio(zeros) < 200, is_taken, "{}", ratio(zeros));
            let found = unpacked(Coding::Gzip, &mixed(zeros), 1000);
            assert_eq!(
                found.map_err(|(code, ..)| code).map(drop),
                if is_taken { Ok(()) } else { Err("limit_exceeded") }
            );
        }
    }

    #[test]
    fn members_are_held_to_the_ratio_from_both_sides() {
        let unrated = usize::try_from(UNRATED_BYTES / MEMBER_BYTES).unwrap();
        // At 1 : 200 each of many members has to take as many bytes as this.
        let fair = usize::try_from(MEMBER_BYTES / 200).unwrap();
        let noise: Vec<u8> = (0..200_u32).map(|at| blake3::hash(&at.to_le_bytes()).as_bytes()[0]).collect();
        for (name, member, count, is_taken) in [
            ("empty, as many as are free", gzip(b""), unrated + 1, true),
            ("empty, one more", gzip(b""), unrated + 2, false),
            ("a million empty ones", gzip(b""), 1_000_000, false),
            ("too small", gzip(&noise[..fair - 40]), 5000, false),
            ("of a fair size", gzip(&noise[..fair + 1]), 5000, true),
        ] {
            let size = member.len();
            let limits = UnpackLimits { members_max: 1_000_000, ..LIMITS };
            let found = unpacked_within(limits, Coding::Gzip, &member.repeat(count), 1 << 16);
            match found {
                Ok(_) => assert!(is_taken, "{name}: {size} bytes each"),
                Err((code, detail, _)) => {
                    assert!(!is_taken && code == "limit_exceeded", "{name}: {size} bytes each: {detail}");
                    assert!(detail.contains("members, too many for its size"), "{name}: {detail}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn what_was_packed_comes_out_however_it_arrives(
            parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..2000), 1..5), size in 1_usize..3000,
        ) {
            let content = parts.concat();
            let members = parts.iter().map(|part| gzip(part)).collect::<Vec<_>>().concat();
            prop_assert_eq!(unpacked(Coding::Gzip, &members, size).unwrap(), content.clone());
            prop_assert_eq!(unpacked(Coding::Deflate, &zlib(&content), size).unwrap(), content.clone());
            prop_assert_eq!(unpacked(Coding::Deflate, &deflate(&content), size).unwrap(), content);
        }

        #[test]
        fn any_bytes_come_to_an_end(bytes in prop::collection::vec(any::<u8>(), 0..500), size in 1_usize..100) {
            for coding in [Coding::Gzip, Coding::Deflate] {
                let _ = unpacked(coding, &bytes, size);
                let headed = [&[0x1f, 0x8b, 8][..], &bytes].concat();
                let _ = unpacked(coding, &headed, size);
            }
        }
    }
}
