//! The text of a file of any common encoding.

use std::borrow::Cow;

use crate::error::{Error, ErrorKind};

/// Reads the bytes of a file as text: UTF-8 or UTF-16, with a byte order mark or without.
///
/// Other encodings cannot be told from each other, so they are an error and no guess.
pub(super) fn decode<'a>(bytes: &'a [u8], what: &str) -> Result<Cow<'a, str>, Error> {
    let refuse =
        |problem: String| Error::new(ErrorKind::InvalidInput, format!("the {what} {problem}"));
    let text: Cow<'a, str> = match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => {
            return Err(refuse("is in UTF-32; save it as UTF-8".into()));
        }
        [b'P', b'K', 3, 4, ..] => {
            return Err(refuse(
                "is a spreadsheet or an archive; save it as CSV in UTF-8".into(),
            ));
        }
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes).map_err(refuse)?.into(),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes).map_err(refuse)?.into(),
        // The first character of a table is one of ASCII, nearly always.
        [first, 0, ..] if *first != 0 => utf16(bytes, u16::from_le_bytes).map_err(refuse)?.into(),
        [0, first, ..] if *first != 0 => utf16(bytes, u16::from_be_bytes).map_err(refuse)?.into(),
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest).map_err(refuse)?.into(),
        _ => utf8(bytes).map_err(refuse)?.into(),
    };
    if let Some(at) = text.find('\0') {
        return Err(refuse(format!(
            "has a NUL character at {}, so it is no text; save it as CSV in UTF-8",
            place(&text[..at], 0)
        )));
    }
    // Only the oldest programs end lines by a carriage return alone.
    if text.contains('\r') && !text.contains('\n') {
        return Ok(text.replace('\r', "\n").into());
    }
    Ok(text)
}

fn utf8(bytes: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(bytes).map_err(|error| {
        let (before, rest) = bytes.split_at(error.valid_up_to());
        let before = String::from_utf8_lossy(before);
        let byte = rest.first().copied().unwrap_or_default();
        format!(
            "is neither UTF-8 nor UTF-16: {} is the byte 0x{byte:02X}; save it as CSV in UTF-8",
            place(&before, 0)
        )
    })
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(pairs.len());
    for read in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        let Ok(character) = read else {
            let problem = format!(
                "is no valid UTF-16: half a character is at {}",
                place(&text, 0)
            );
            return Err(problem);
        };
        text.push(character);
    }
    if rest.is_empty() {
        return Ok(text);
    }
    Err("is no valid UTF-16: it ends within a character, so it may be cut off".to_owned())
}

/// The place after a text, in words. So many lines come before the text.
pub(super) fn place(before: &str, skipped: u64) -> String {
    let line = u64::try_from(before.matches('\n').count()).unwrap_or(u64::MAX);
    let line = line.saturating_add(skipped).saturating_add(1);
    let last = before.rsplit('\n').next().unwrap_or_default();
    format!("line {line}, character {}", last.chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    }

    #[test]
    fn every_encoding_is_read_or_refused_by_place() {
        let text = "Mail,Ort\r\nänn@acme.example.com,Köln 😀\r\n";
        let marked = format!("\u{feff}{text}");
        for encoded in [
            text.as_bytes().to_vec(),
            marked.as_bytes().to_vec(),
            bytes(&marked, u16::to_le_bytes),
            bytes(&marked, u16::to_be_bytes),
            bytes(text, u16::to_le_bytes),
            bytes(text, u16::to_be_bytes),
        ] {
            assert_eq!(decode(&encoded, "directory").unwrap(), text);
        }
        let mut cut = bytes(&marked, u16::to_le_bytes);
        cut.pop();
        let lone = [0xff, 0xfe, b'a', 0, b'\n', 0, 0x3d, 0xd8, b'b', 0];
        for (encoded, expected) in [
            (
                &b"Mail\nb\xe4r@acme.example.com"[..],
                "line 2, character 2 is the byte 0xE4",
            ),
            (&cut, "ends within a character"),
            (&lone, "half a character is at line 2, character 1"),
            (&[0xff, 0xfe, 0, 0, b'a', 0, 0, 0], "UTF-32"),
            (b"PK\x03\x04zip", "spreadsheet"),
            (b"Mail\na\0b", "NUL character at line 2, character 2"),
        ] {
            let error = decode(encoded, "directory").unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        assert_eq!(decode(b"", "directory").unwrap(), "");
        assert_eq!(decode(b"a\rb\r", "directory").unwrap(), "a\nb\n");
    }
}
