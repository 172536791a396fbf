//! Makes the document's prose safe to stand in Rust docs.

/// Escapes what rustdoc would take for a link, for HTML or for code to compile. Code spans stay as they are.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_code = false;
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
            ("~~~\ncode\n~~~", "'''\ncode\n'''"),
            ("an `open span", "an 'open span"),
        ] {
            assert_eq!(escape(from), to);
        }
    }
}
