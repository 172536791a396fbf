//! Makes the document's prose safe to stand in Rust docs.

/// Escapes what rustdoc would take for a link, for HTML or for code to compile. Code spans stay as
/// they are.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_code = false;
    let text: String = text.chars().filter(|letter| !is_hidden(*letter)).collect();
    for (index, line) in text
        .replace("```", "'''")
        .replace("~~~", "'''")
        .lines()
        .enumerate()
    {
        if index > 0 {
            out.push('\n');
        }
        // Four spaces at the start of a line would make a doctest of it.
        for letter in line.trim_start().chars() {
            match letter {
                '`' => in_code = !in_code,
                '<' | '>' | '[' | ']' if !in_code => out.push('\\'),
                _ => {}
            }
            out.push(letter);
        }
    }
    // A code span that never ends would swallow the escapes of what follows it.
    if in_code { out.replace('`', "'") } else { out }
}

/// A name as it can be quoted in docs: what cannot be seen is spelt.
pub(crate) fn name(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            '`' => "'".to_owned(),
            '\n' | '\t' => letter.escape_default().to_string(),
            letter if is_hidden(letter) => letter.escape_unicode().to_string(),
            letter => letter.to_string(),
        })
        .collect()
}

/// What controls a line, or turns the direction of what is read: the compiler refuses it in a
/// comment.
pub(crate) fn is_hidden(letter: char) -> bool {
    letter.is_control() && !matches!(letter, '\n' | '\t')
        || matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_html_and_code_blocks_are_defused() {
        for (from, to) in [
            ("see [Task] <b>", "see \\[Task\\] \\<b\\>"),
            ("`Vec<u8>` stays", "`Vec<u8>` stays"),
            ("a\n\n    let x = 1;", "a\n\nlet x = 1;"),
            ("```\ncode\n```", "'''\ncode\n'''"),
            ("a\u{202e}b\u{0}c\r\nd", "abc\nd"),
            ("~~~\ncode\n~~~", "'''\ncode\n'''"),
            ("an `open span", "an 'open span"),
        ] {
            assert_eq!(escape(from), to);
        }
    }
}
