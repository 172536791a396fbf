//! Reads credentials and base URL from environment variables. Variables and files are passed in.

use std::env::VarError;
use std::io;
use std::path::{Path, PathBuf};

use cloudally_gen::secret::Secret;

use crate::auth::credentials::Credentials;
use crate::error::Error;

const CLIENT_ID: &str = "CLOUDALLY_CLIENT_ID";
const CLIENT_SECRET: &str = "CLOUDALLY_CLIENT_SECRET";
const USER: &str = "CLOUDALLY_USER";
const PASSWORD: &str = "CLOUDALLY_PASSWORD";
const BASE_URL: &str = "CLOUDALLY_BASE_URL";
pub(crate) const ROOT_CERTIFICATE_FILE: &str = "CLOUDALLY_ROOT_CERTIFICATE_FILE";

/// The settings that the environment gives.
pub(crate) struct Environment {
    pub(crate) credentials: Credentials,
    pub(crate) base_url: Option<String>,
    pub(crate) root_certificate_file: Option<PathBuf>,
}

/// The source of variables and files.
pub(crate) struct Source<'s> {
    pub(crate) variable: &'s dyn Fn(&str) -> Result<String, VarError>,
    pub(crate) file: &'s dyn Fn(&Path) -> io::Result<Vec<u8>>,
}

/// Reads the variables. A partner has a client id and secret, and optionally a user and password; a
/// portal user has only the latter two.
pub(crate) fn read(source: &Source<'_>) -> Result<Environment, Error> {
    let client_id = source.value(CLIENT_ID)?;
    let client_secret = source.value(CLIENT_SECRET)?;
    let user = source.value(USER)?;
    let password = source.value(PASSWORD)?;
    let base_url = source.value(BASE_URL)?;
    let root_certificate_file = source.variable(ROOT_CERTIFICATE_FILE)?.map(PathBuf::from);

    let client = pair((CLIENT_ID, client_id), (CLIENT_SECRET, client_secret))?;
    let user = pair((USER, user), (PASSWORD, password))?;
    let credentials = match (client, user) {
        (Some((id, secret)), Some((user, password))) => {
            Credentials::partner(id, Secret::from(secret)).with_user(user, Secret::from(password))
        }
        (Some((id, secret)), None) => Credentials::partner(id, Secret::from(secret)),
        (None, Some((user, password))) => Credentials::portal(user, Secret::from(password)),
        (None, None) => {
            return Err(Error::configuration(format!(
                "no credentials in the environment: set {CLIENT_ID} and {CLIENT_SECRET} (a partner), {USER} and \
                 {PASSWORD} (a portal user), or all four; each may be the name of a file in a variable that ends in _FILE"
            )));
        }
    };
    Ok(Environment {
        credentials,
        base_url,
        root_certificate_file,
    })
}

/// Requires that both values of a pair are set, or neither.
fn pair(
    first: (&str, Option<String>),
    second: (&str, Option<String>),
) -> Result<Option<(String, String)>, Error> {
    match (first, second) {
        ((_, Some(first)), (_, Some(second))) => Ok(Some((first, second))),
        ((_, None), (_, None)) => Ok(None),
        ((set, Some(_)), (missing, None)) | ((missing, None), (set, Some(_))) => {
            Err(Error::configuration(format!(
                "{set} is set and {missing} is not: set both, or neither"
            )))
        }
    }
}

impl Source<'_> {
    /// The value of a variable, or the content of the file that the variable with the suffix
    /// `_FILE` names.
    fn value(&self, name: &str) -> Result<Option<String>, Error> {
        let file_name = format!("{name}_FILE");
        match (self.variable(name)?, self.variable(&file_name)?) {
            (Some(_), Some(_)) => Err(Error::configuration(format!(
                "{name} and {file_name} are both set: unset one"
            ))),
            (Some(value), None) => Ok(Some(value)),
            (None, None) => Ok(None),
            (None, Some(path)) => self.file_content(&file_name, &path).map(Some),
        }
    }

    fn file_content(&self, name: &str, path: &str) -> Result<String, Error> {
        let refuse = |what: &str| {
            let file = shown_path(path);
            Error::configuration(format!("the file of {name} {what}{file}"))
        };
        let bytes = (self.file)(Path::new(path))
            .map_err(|error| refuse("cannot be read").with_cause(error))?;
        let Ok(text) = String::from_utf8(bytes) else {
            return Err(refuse("is not UTF-8"));
        };
        // Windows programs begin a file with a byte order mark; editors and `echo` end one with a
        // line feed. Neither is part of the value.
        let value = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let value = value
            .strip_suffix('\n')
            .map_or(value, |line| line.strip_suffix('\r').unwrap_or(line));
        if value.trim().is_empty() {
            return Err(refuse("is blank"));
        }
        if value.contains(['\r', '\n']) {
            return Err(refuse("has several lines, where the value is one"));
        }
        Ok(value.to_owned())
    }

    /// A variable that is blank is an error: a script that lost a value would talk to the live
    /// service in place of the one that it names.
    fn variable(&self, name: &str) -> Result<Option<String>, Error> {
        match (self.variable)(name) {
            Ok(value) if value.trim().is_empty() => Err(Error::configuration(format!(
                "{name} is set but blank: give it a value, or unset it"
            ))),
            Ok(value) => Ok(Some(value)),
            Err(VarError::NotPresent) => Ok(None),
            Err(VarError::NotUnicode(_)) => {
                Err(Error::configuration(format!("{name} is not UTF-8")))
            }
        }
    }
}

/// The path as an error shows it. A value without a folder is not shown, because it may be the
/// secret itself, set in the variable of the file by mistake.
fn shown_path(path: &str) -> String {
    let is_nested = Path::new(path).components().count() > 2;
    let has_folder = path.starts_with("./") || path.starts_with("../");
    let has_folder = has_folder || (Path::new(path).is_absolute() && is_nested);
    if has_folder {
        format!(" ({path})")
    } else {
        " (its name has no folder, and is not shown in case it is the value itself; write ./NAME for a file in the current folder)".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::credentials::CredentialKind;

    fn run(variables: &[(&str, &str)], files: &[(&str, &str)]) -> Result<Environment, String> {
        let find = |all: &[(&str, &str)], name: &str| {
            all.iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        };
        read(&Source {
            variable: &|name| find(variables, name).ok_or(VarError::NotPresent),
            file: &|path| {
                find(files, &path.display().to_string())
                    .map(String::into_bytes)
                    .ok_or_else(|| io::ErrorKind::NotFound.into())
            },
        })
        .map_err(|error| error.to_string())
    }

    #[test]
    fn the_variables_that_are_set_choose_the_credentials() {
        let client = [(CLIENT_ID, "id"), (CLIENT_SECRET, "cs")];
        let user = [(USER, "me"), (PASSWORD, "pw")];
        let both = [client, user].concat();
        assert!(matches!(
            run(&client, &[]).unwrap().credentials.kind,
            CredentialKind::Partner { user: None, .. }
        ));
        assert!(matches!(
            run(&both, &[]).unwrap().credentials.kind,
            CredentialKind::Partner { user: Some(_), .. }
        ));
        assert!(matches!(
            run(&user, &[]).unwrap().credentials.kind,
            CredentialKind::Portal { .. }
        ));
    }

    #[test]
    fn a_file_gives_the_value_without_its_mark_and_its_last_line_feed() {
        let variables = [
            (CLIENT_ID, "id"),
            ("CLOUDALLY_CLIENT_SECRET_FILE", "/secret"),
            (BASE_URL, "http://localhost"),
            (ROOT_CERTIFICATE_FILE, "ca.pem"),
        ];
        for content in ["s3cret ", "s3cret \n", "s3cret \r\n", "\u{feff}s3cret \n"] {
            let environment = run(&variables, &[("/secret", content)]).unwrap();
            let CredentialKind::Partner { client, .. } = environment.credentials.kind else {
                panic!("a partner")
            };
            assert_eq!(client.secret.expose(), "s3cret ", "{content:?}");
            assert_eq!(environment.base_url.as_deref(), Some("http://localhost"));
            assert_eq!(environment.root_certificate_file, Some("ca.pem".into()));
        }
    }

    #[test]
    fn a_variable_that_is_set_but_blank_is_named() {
        let good = [(USER, "me"), (PASSWORD, "pw")];
        for name in [
            CLIENT_ID,
            CLIENT_SECRET,
            BASE_URL,
            ROOT_CERTIFICATE_FILE,
            "CLOUDALLY_CLIENT_ID_FILE",
            "CLOUDALLY_BASE_URL_FILE",
        ] {
            for blank in ["", " ", "\n"] {
                let variables = [good.as_slice(), &[(name, blank)]].concat();
                let error = run(&variables, &[]).err().unwrap();
                assert!(
                    error.contains(&format!("{name} is set but blank")),
                    "{error}"
                );
            }
        }
    }

    #[test]
    fn what_is_wrong_is_named_and_no_value_is_shown() {
        for (variables, files, words) in [
            (vec![], vec![], vec![CLIENT_ID, PASSWORD]),
            (
                vec![(CLIENT_ID, "canary")],
                vec![],
                vec![CLIENT_ID, CLIENT_SECRET],
            ),
            (vec![(PASSWORD, "canary")], vec![], vec![USER, PASSWORD]),
            (
                vec![(USER, "canary"), ("CLOUDALLY_USER_FILE", "/f")],
                vec![("/f", "canary")],
                vec![USER, "CLOUDALLY_USER_FILE"],
            ),
            (
                vec![("CLOUDALLY_USER_FILE", "canary-put-here-by-mistake")],
                vec![],
                vec!["CLOUDALLY_USER_FILE", "cannot be read", "./NAME"],
            ),
            (
                vec![("CLOUDALLY_USER_FILE", "/run/secrets/user")],
                vec![],
                vec!["CLOUDALLY_USER_FILE", "/run/secrets/user", "not found"],
            ),
            (
                vec![("CLOUDALLY_USER_FILE", "/run/f")],
                vec![("/run/f", "\n")],
                vec!["CLOUDALLY_USER_FILE", "/run/f", "blank"],
            ),
            (
                vec![("CLOUDALLY_USER_FILE", "/run/f")],
                vec![("/run/f", "canary\ncanary\n")],
                vec!["CLOUDALLY_USER_FILE", "/run/f", "several lines"],
            ),
            (
                vec![("CLOUDALLY_USER_FILE", "/run/f")],
                vec![("/run/f", "canary\n\n")],
                vec!["CLOUDALLY_USER_FILE", "several lines"],
            ),
        ] {
            let error = run(&variables, &files).err().unwrap();
            assert!(words.iter().all(|word| error.contains(word)), "{error}");
            assert!(!error.contains("canary"), "{error}");
        }
    }
}
