//! Texts to show.

use std::borrow::Cow;

/// The first text that is not blank, as one line: a name can contain control characters, which
/// would forge lines in a log or a terminal.
pub(super) fn label<'a, const N: usize>(
    otherwise: &'static str,
    texts: [Option<&'a str>; N],
) -> Cow<'a, str> {
    let mut texts = texts.into_iter().flatten().map(str::trim);
    let found = texts.find(|text| !text.is_empty()).unwrap_or(otherwise);
    if found.contains(char::is_control) {
        return Cow::Owned(found.replace(char::is_control, " "));
    }
    Cow::Borrowed(found)
}

#[cfg(test)]
mod tests {
    use crate::types::Task;

    #[test]
    fn a_label_is_one_line_and_never_empty() {
        for (alias, expected) in [("a\nb\u{1b}[31m", "a b [31m"), (" x ", "x"), (" ", "T-1")] {
            let task = Task::default().with_alias(alias).with_id("T-1");
            assert_eq!(task.label(), expected, "{alias:?}");
        }
        assert_eq!(Task::default().label(), "task without a name");
    }
}
