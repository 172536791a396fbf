//! Finds secrets in what the service sends, in the forms in which services repeat what they
//! received: as it was, and escaped for JSON, HTML or a URL.

use std::borrow::Cow;

use cloudally_gen::secret::Secret;
use percent_encoding::percent_decode_str;

/// A shorter one occurs in any text, and replacing it hides nothing.
const MIN_LENGTH: usize = 4;

const REDACTED: &str = "[redacted]";

/// The secrets that a call sends, or that its client holds.
#[derive(Default)]
pub(crate) struct Secrets<'a> {
    pub(crate) of_token: [Option<&'a str>; 2],
    pub(crate) of_client: &'a [Secret],
    pub(crate) of_call: &'a [&'a str],
}

impl<'a> Secrets<'a> {
    fn iter(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let of_client = self.of_client.iter().map(Secret::expose);
        let of_call = self.of_call.iter().copied();
        let of_token = self.of_token.into_iter().flatten();
        let all = of_token.chain(of_client).chain(of_call);
        all.filter(|secret| secret.len() >= MIN_LENGTH)
    }

    /// Returns whether the text holds one of the secrets.
    pub(crate) fn are_in(&self, text: &str) -> bool {
        // Most header values are too short, and most texts have nothing escaped.
        if !self.iter().any(|secret| secret.len() <= text.len()) {
            return false;
        }
        self.are_plainly_in(text)
            || text.contains(['\\', '&', '%', '+']) && self.are_in_unescaped(text)
    }

    /// Returns whether what may be a text holds one of the secrets.
    pub(crate) fn are_in_bytes(&self, bytes: &[u8]) -> bool {
        // Checking all at once is faster than the reading that replaces what is no text.
        match std::str::from_utf8(bytes) {
            Ok(text) => self.are_in(text),
            Err(_) => self.are_in(&String::from_utf8_lossy(bytes)),
        }
    }

    /// Replaces the secrets in a text, or all of it where one is escaped in it.
    pub(crate) fn redact(&self, text: &str) -> String {
        let replace = |text: Cow<'_, str>, secret: &str| text.replace(secret, REDACTED).into();
        let redacted: Cow<'_, str> = self.iter().fold(text.into(), replace);
        if self.are_in(&redacted) {
            return REDACTED.to_owned();
        }
        redacted.into_owned()
    }

    fn are_plainly_in(&self, text: &str) -> bool {
        self.iter().any(|secret| text.contains(secret))
    }

    /// Undoes the escapes from the outermost to the innermost: a URL is within HTML, and that is
    /// within JSON.
    fn are_in_unescaped(&self, text: &str) -> bool {
        let json = unescape_json(text);
        let html = html_escape::decode_html_entities(&json);
        let url = percent_decode_str(&html).decode_utf8_lossy();
        let form = html.replace('+', " ");
        let form = percent_decode_str(&form).decode_utf8_lossy();
        [json.as_str(), &html, &url, &form]
            .iter()
            .any(|text| self.are_plainly_in(text))
    }
}

/// Undoes the escapes of a JSON text, and leaves what is none as it is.
fn unescape_json(text: &str) -> String {
    let mut unescaped = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        unescaped.push_str(&rest[..at]);
        let escape = &rest[at..];
        // Two escapes at most make one character.
        let length = [12, 6, 2].into_iter().find_map(|length| {
            let quoted = format!("\"{}\"", escape.get(..length)?);
            let text: String = serde_json::from_str(&quoted).ok()?;
            (length == 2 || escape.starts_with("\\u") && text.chars().count() == 1)
                .then_some((length, text))
        });
        let (length, text) = length.unwrap_or((1, "\\".to_owned()));
        unescaped.push_str(&text);
        rest = &escape[length..];
    }
    unescaped.push_str(rest);
    unescaped
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "na\\k<ed & \"grün\" 100%+/x=";

    fn secrets() -> Secrets<'static> {
        Secrets {
            of_token: [Some("token-1234"), Some("abc")],
            of_call: &[SECRET],
            ..Secrets::default()
        }
    }

    #[test]
    fn a_secret_is_found_in_every_form_in_which_it_may_be_repeated() {
        let secrets = secrets();
        for text in [
            SECRET,
            r#"na\\k<ed & \"grün\" 100%+/x="#,
            r#"na\\k\u003ced \u0026 \"gr\u00fcn\" 100%+\/x\u003D"#,
            "na\\k&lt;ed &amp; &quot;gr&uuml;n&quot; 100%+/x=",
            "na&#92;k&#60;ed &#38; &#x22;gr&#xfc;n&#34; 100&#37;&#43;/x=",
            "na%5Ck%3Ced%20%26%20%22gr%C3%BCn%22%20100%25%2B%2Fx%3D",
            "na%5ck%3ced+%26+%22gr%c3%bcn%22+100%25%2b%2fx%3d",
            r"na%5Ck%3Ced+\u0026amp;+%22gr%C3%BCn%22+100%25%2B%2Fx%3D",
        ] {
            let text = format!("a \\ value [{text}] & \\q more");
            assert!(secrets.are_in(&text), "{text}");
            let redacted = secrets.redact(&text);
            assert!(
                redacted.contains(REDACTED) && !secrets.are_in(&redacted),
                "{redacted}"
            );
            assert!(!redacted.contains("gr"), "{redacted}");
        }
        assert_eq!(secrets.redact("a token-1234, b"), "a [redacted], b");
    }

    #[test]
    fn nothing_else_is_hidden() {
        let secrets = secrets();
        for text in [
            "",
            "abc",
            "100% & \\u12 \\",
            "tokеn-1234",
            "%zz &nothing; \\ud83d\\ude00 \\ud83d",
        ] {
            assert!(!secrets.are_in(text), "{text}");
            assert_eq!(secrets.redact(text), text);
        }
    }
}
