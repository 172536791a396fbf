//! How an error is shown.

use std::error::Error as StdError;
use std::fmt;

use super::text::one_line;
use super::{Error, MAX_CHAIN};

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        match (&inner.operation, &inner.subject) {
            (Some(operation), Some(subject)) => {
                write!(
                    f,
                    "{} ({}): ",
                    one_line(operation, 200),
                    one_line(subject, 200)
                )?;
            }
            (Some(one), None) | (None, Some(one)) => write!(f, "{}: ", one_line(one, 200))?,
            (None, None) => {}
        }
        f.write_str(&one_line(&inner.detail, 1000))?;
        if let Some(message) = &inner.server_message {
            write!(f, ": the service says \"{}\"", one_line(message, 300))?;
        }
        if let Some(cause) = &inner.cause {
            write!(f, ": {}", one_line(&cause.text(), 500))?;
        }
        let mut facts = Vec::new();
        facts.extend(
            self.status()
                .map(|status| format!("status {}", status.as_u16())),
        );
        facts.extend(
            self.request_id()
                .map(|id| format!("request id {}", one_line(id, 100))),
        );
        facts.extend((inner.attempts > 1).then(|| format!("{} attempts", inner.attempts)));
        if inner.is_retry_budget_spent {
            facts.push("not retried: the retry budget is spent".to_owned());
        }
        facts.extend(
            inner
                .retry_after
                .map(|delay| format!("retry after {} s", delay.as_secs())),
        );
        if !facts.is_empty() {
            write!(f, " ({})", facts.join(", "))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        write!(f, "{self}\n    kind: {:?}", inner.kind)?;
        for (name, text) in [
            ("field", &inner.json_path),
            ("item", &inner.item_id),
            ("code", &inner.server_code),
        ] {
            if let Some(text) = text {
                write!(f, "\n    {name}: {}", one_line(text, 200))?;
            }
        }
        let mut source = self.source();
        for _ in 0..MAX_CHAIN {
            let Some(error) = source else { break };
            write!(f, "\n    caused by: {}", one_line(&error.to_string(), 300))?;
            source = error.source();
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let cause = self.0.cause.as_ref()?;
        cause.error.source().filter(|_| !cause.shows_root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::response::ResponseParts;
    use http::StatusCode;

    #[test]
    fn it_can_cross_threads() {
        fn crosses<T: Send + Sync + 'static>() {}
        crosses::<Error>();
    }

    fn server_error(message: String) -> Error {
        let headers = http::HeaderMap::from_iter([(
            http::HeaderName::from_static("x-request-id"),
            http::HeaderValue::from_static("abc"),
        )]);
        Error::new(ErrorKind::Server, "the service failed; try again later")
            .with_operation("getRestoreStatus")
            .with_subject("job J-1")
            .with_parts(ResponseParts::new(StatusCode::SERVICE_UNAVAILABLE, headers))
            .with_server_message(Some(message), None)
            .with_attempts(3)
    }

    #[test]
    fn display_is_one_line_whatever_the_service_says() {
        let text = server_error(format!("line\nfeed{}", "x".repeat(400))).to_string();
        assert!(!text.contains('\n') && text.len() < 500, "{text}");
        assert!(
            text.starts_with("getRestoreStatus (job J-1): the service failed"),
            "{text}"
        );
        assert!(
            text.contains("status 503, request id abc, 3 attempts"),
            "{text}"
        );
    }

    #[test]
    fn debug_begins_with_display_and_is_bounded() {
        let error = server_error("x".repeat(100_000)).with_location("y".repeat(100_000), None);
        let debug = format!("{error:?}");
        assert!(debug.starts_with(&error.to_string()), "{debug}");
        assert!(
            debug.contains("\n    kind: Server") && debug.len() < 2_000,
            "{debug}"
        );
    }

    #[test]
    fn a_cause_is_shown_once() {
        #[derive(Debug)]
        struct Outer(std::io::Error);
        impl fmt::Display for Outer {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("outer")
            }
        }
        impl StdError for Outer {
            fn source(&self) -> Option<&(dyn StdError + 'static)> {
                Some(&self.0)
            }
        }
        let outer = || Outer(std::io::Error::other("root"));

        let itself = Error::configuration("no token").with_cause(outer());
        assert_eq!(itself.to_string(), "no token: outer");
        assert_eq!(itself.source().unwrap().to_string(), "root");
        assert!(itself.cause().unwrap().is::<Outer>());

        let root = Error::new(ErrorKind::Connect, "no connection").with_root_cause(outer());
        assert_eq!(root.to_string(), "no connection: root");
        assert!(root.source().is_none());
    }
}
