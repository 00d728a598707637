//! Which places have codes whose meaning the function `label` knows.

use super::path::{Part, Path};

/// Whether there can be labels for the values of this path.
pub(super) fn is_coded(path: &Path) -> bool {
    path.part != Part::Whole
}
