//! Other notations, recognised: what to write instead of each.

use super::error::NotationError;

/// What to write instead of the path that begins here.
pub(super) fn in_path(_text: &str, _start: usize) -> Option<NotationError> {
    None
}

/// What to write instead of a tag that would match nothing.
pub(super) fn in_tag(_text: &str, _start: usize) -> Option<NotationError> {
    None
}
