//! Which characters XML 1.0 allows, in text and in names. Called for every byte of every document, so it looks at blocks.

/// The first character that no XML 1.0 document may contain. `text` is valid UTF-8 or a prefix of it ending at a character.
pub(super) fn first_illegal(text: &[u8]) -> Option<usize> {
    const BLOCK: usize = 64;
    let mut start = 0;
    for block in text.chunks(BLOCK) {
        // No branch per byte, so that the compiler can use wide registers. 0xEF begins U+FFFE and U+FFFF, among others.
        let suspicious = block.iter().fold(false, |found, &byte| found | is_control(byte) | (byte == 0xEF));
        if suspicious && let Some(at) = first_illegal_in(text, start, start + block.len()) {
            return Some(at);
        }
        start += block.len();
    }
    None
}

fn is_control(byte: u8) -> bool {
    (byte < 0x20) & (byte != b'\t') & (byte != b'\n') & (byte != b'\r')
}

fn first_illegal_in(text: &[u8], start: usize, end: usize) -> Option<usize> {
    (start..end).find(|&at| is_control(text[at]) || matches!(text[at..], [0xEF, 0xBF, 0xBE | 0xBF, ..]))
}

/// Whether a character reference may stand for this character.
pub(super) fn is_legal(character: char) -> bool {
    !matches!(character, '\u{0}'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}

/// Blank as XML understands it.
pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Where the name at the beginning of a tag's content, or of an attribute, ends.
pub(super) fn name_end(bytes: &[u8]) -> usize {
    bytes.iter().position(|&byte| byte == b'=' || is_blank(byte)).unwrap_or(bytes.len())
}

/// The index of the first byte that makes this no `NCName`; zero if it is empty.
pub(super) fn name_flaw(name: &str) -> Option<usize> {
    /// What an ASCII byte may be in a name: 1 any part of it, 2 its first character too.
    const PLAIN: [u8; 256] = {
        let mut table = [0; 256];
        let mut byte = 0_u8;
        while byte < 128 {
            table[byte as usize] = match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'_' => 2,
                b'0'..=b'9' | b'-' | b'.' => 1,
                _ => 0,
            };
            byte += 1;
        }
        table
    };
    let bytes = name.as_bytes();
    let Some(&first) = bytes.first() else { return Some(0) };
    if PLAIN[usize::from(first)] == 2 && bytes.iter().all(|&byte| PLAIN[usize::from(byte)] != 0) {
        return None;
    }
    let mut characters = name.char_indices();
    let first = characters.next().filter(|&(_, first)| !is_name_start(first));
    first.or_else(|| characters.find(|&(_, character)| !is_name_part(character))).map(|(at, _)| at)
}

fn is_name_start(character: char) -> bool {
    matches!(character,
        'A'..='Z' | '_' | 'a'..='z' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}'
        | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}'
        | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}' | '\u{10000}'..='\u{EFFFF}')
}

fn is_name_part(character: char) -> bool {
    is_name_start(character)
        || matches!(character, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn illegal_characters_are_found_wherever_a_block_ends() {
        for padding in 0..130 {
            let mut text = "ä".repeat(padding / 2) + &"x".repeat(padding % 2);
            assert_eq!(first_illegal(text.as_bytes()), None, "{padding}");
            text.push_str("\u{FEFF}\t\r\n\u{7F}\u{85}");
            assert_eq!(first_illegal(text.as_bytes()), None, "{padding}");
            for bad in ["\u{0}", "\u{8}", "\u{B}", "\u{1F}", "\u{FFFE}", "\u{FFFF}"] {
                let bad_text = format!("{text}{bad}z");
                assert_eq!(first_illegal(bad_text.as_bytes()), Some(text.len()), "{padding} {bad:?}");
            }
        }
    }

    #[test]
    fn names_are_those_of_the_recommendation() {
        for good in ["a", "_", "é", "a-b.c_1", "Größe", "a·"] {
            assert_eq!(name_flaw(good), None, "{good}");
        }
        for (bad, at) in
            [("", 0), ("1a", 0), ("-a", 0), (".a", 0), ("a b", 1), ("a:b", 1), ("aé×", 3), ("·a", 0), ("a\"", 1)]
        {
            assert_eq!(name_flaw(bad), Some(at), "{bad}");
        }
    }
}
