//! Makes text from elsewhere fit for one line of a log.

/// Cuts a text to a length, and replaces control characters, so that a service cannot forge a log
/// line.
pub(super) fn one_line(text: &str, max_chars: usize) -> String {
    let mut line: String = text
        .chars()
        .take(max_chars)
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect();
    if text.chars().nth(max_chars).is_some() {
        line.push_str("...");
    }
    line
}
