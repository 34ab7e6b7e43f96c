use std::path::PathBuf;

use keyward_store::OpenError;

const SCHEME: &str = "redb:";

/// The path that a URL names: all that follows `redb:`, character by character.
pub(crate) fn path_of(url: &str) -> Result<PathBuf, OpenError> {
    let path = url.strip_prefix(SCHEME).ok_or(OpenError::BadUrl("it does not begin with `redb:`"))?;
    let fault = if path.is_empty() {
        "no path"
    } else if path.contains('\0') {
        "a NUL character in the path"
    } else if path.ends_with('/') {
        "a path of a folder, not of a file"
    } else if let Some(after_slashes) = path.strip_prefix("//") {
        if after_slashes.starts_with('/') {
            // The way it is written with an empty host.
            return Ok(PathBuf::from(after_slashes));
        }
        "a host, where only a path can be: `redb:PATH` or `redb:///PATH`"
    } else {
        return Ok(PathBuf::from(path));
    };
    Err(OpenError::BadUrl(fault))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_the_scheme_is_the_path_as_it_is() {
        let cases = [
            ("redb:keys.redb", "keys.redb"),
            ("redb:/var/lib/keys.redb", "/var/lib/keys.redb"),
            ("redb:///var/lib/keys.redb", "/var/lib/keys.redb"),
            ("redb:./a b%20c?d#e=ä.redb", "./a b%20c?d#e=ä.redb"),
        ];
        for (url, path) in cases {
            assert_eq!(path_of(url).expect("a path").to_str(), Some(path), "{url}");
        }
    }

    #[test]
    fn a_url_without_a_path_to_a_file_is_refused() {
        for url in ["", "keys.redb", "REDB:keys.redb", "redb:", "redb:a\0b", "redb:folder/", "redb:/", "redb://host/x"]
        {
            assert!(matches!(path_of(url), Err(OpenError::BadUrl(_))), "{url:?}");
        }
    }
}
