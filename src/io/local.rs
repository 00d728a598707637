//! The local path that a name stands for: `~` is the home folder, and `file:` addresses are paths.

use std::env;
use std::io;
use std::path::{Path, PathBuf};

use super::path::shown;

/// The local path that a name stands for. A `~` that is meant as it stands is written `./~`.
pub fn local(name: &Path) -> io::Result<PathBuf> {
    if let Ok(rest) = name.strip_prefix("~") {
        return match env::home_dir() {
            Some(home) if rest.as_os_str().is_empty() => Ok(home),
            Some(home) => Ok(home.join(rest)),
            None => Err(invalid(format!("{}: it is not known where the home folder is", shown(name)))),
        };
    }
    match name.to_str().and_then(|name| name.split_once(':')) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("file") && rest.starts_with('/') => path_of(rest)
            .ok_or_else(|| {
                let shown = shown(name);
                invalid(format!("{shown}: write a file of this machine as its path, or as file:///path"))
            }),
        _ => Ok(name.to_owned()),
    }
}

/// `https` of `https://…`, `s3` of `s3://…`, also with one slash, as pathlib writes it. (A single letter is a drive.)
pub fn scheme(name: &Path) -> Option<&str> {
    let (scheme, _) = name.to_str()?.split_once(":/")?;
    let is_scheme = scheme.len() > 1
        && scheme.starts_with(|it: char| it.is_ascii_alphabetic())
        && scheme.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '+' | '-' | '.'));
    is_scheme.then_some(scheme)
}

/// The path in what follows `file:`, which may name this machine.
fn path_of(rest: &str) -> Option<PathBuf> {
    let path = match rest.strip_prefix("//") {
        Some(rest) => rest.strip_prefix("localhost").unwrap_or(rest),
        None => rest,
    };
    let path = path.starts_with('/').then_some(path)?;
    // Behind the slash, Windows has a drive.
    let path = if cfg!(windows) { path.trim_start_matches('/') } else { path };
    Some(unescaped(path).into())
}

/// Text with the bytes that stand in it as `%20`.
fn unescaped(text: &str) -> String {
    let mut pieces = text.split('%');
    let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
    for piece in pieces {
        match byte_before(piece) {
            Some((byte, rest)) => {
                bytes.push(byte);
                bytes.extend(rest.as_bytes());
            }
            None => {
                bytes.push(b'%');
                bytes.extend(piece.as_bytes());
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The byte that two hexadecimal digits stand for, and the text behind them.
fn byte_before(text: &str) -> Option<(u8, &str)> {
    let (digits, rest) = text.split_at_checked(2)?;
    let are_digits = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    u8::from_str_radix(digits, 16).ok().filter(|_| are_digits).map(|byte| (byte, rest))
}

/// The error for an address of another machine.
pub(super) fn not_local(scheme: &str) -> io::Error {
    invalid(format!(
        "{scheme} addresses are not read yet; get the file first, or open it and pass what was opened"
    ))
}

fn invalid(message: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_path_unless_it_begins_with_a_tilde_or_is_an_address() {
        for name in ["a.mrc", "./~", "a/~/b", "~other/a.mrc", "file.mrc", "file:a.mrc", "s3://bucket/a.mrc"] {
            assert_eq!(local(Path::new(name)).unwrap(), Path::new(name));
        }
        let home = env::home_dir().unwrap();
        assert_eq!(local(Path::new("~")).unwrap(), home);
        assert_eq!(local(Path::new("~/dumps/*.mrc")).unwrap(), home.join("dumps/*.mrc"));
    }

    #[cfg(unix)]
    #[test]
    fn an_address_of_a_file_is_its_path() {
        for (address, path) in [
            ("file:///tmp/a.mrc", "/tmp/a.mrc"),
            ("FILE://localhost/tmp/a.mrc", "/tmp/a.mrc"),
            ("file:/tmp/a.mrc", "/tmp/a.mrc"),
            ("file:///tmp/caf%C3%A9%20%231.mrc", "/tmp/café #1.mrc"),
            ("file:///tmp/100%.mrc", "/tmp/100%.mrc"),
            ("file:///tmp/%+1%2", "/tmp/%+1%2"),
        ] {
            assert_eq!(local(Path::new(address)).unwrap(), Path::new(path));
        }
        for address in ["file://a.mrc", "file://server/a.mrc"] {
            let error = local(Path::new(address)).unwrap_err().to_string();
            assert_eq!(
                error,
                format!("{address}: write a file of this machine as its path, or as file:///path")
            );
        }
    }
}
