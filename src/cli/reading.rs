//! A read from its beginning to its end, and what is said of the records afterwards.

use arrow_array::RecordBatch;

use super::{progress, terminal};
use crate::accounts::Accounts;
use crate::columns::Copied;
use crate::error::Result;
use crate::io::{Batches, Scan};

/// Reads everything, and passes each batch on.
pub(super) fn through(scan: &Scan, mut each: impl FnMut(&RecordBatch)) -> Result<Batches> {
    let mut batches = progress::watched(scan.batches());
    while let Some(batch) = batches.next_batch()? {
        each(&batch);
    }
    // Its progress goes away before anything is printed.
    Ok(batches.watched(|_| Ok(())))
}

/// Reads everything as bytes, and passes them on.
pub(super) fn through_bytes(
    mut batches: Batches,
    mut each: impl FnMut(Copied) -> Result<()>,
) -> Result<Accounts> {
    while let Some(copied) = batches.next_copied()? {
        each(copied)?;
    }
    Ok(batches.into_accounts())
}

/// Says what was left out or changed, if anything was.
pub(super) fn tell(accounts: &Accounts) {
    losses(accounts).iter().for_each(|losses| terminal::say(losses));
}

/// What was left out or changed, and what to do to see it.
pub(super) fn losses(accounts: &Accounts) -> Option<String> {
    let advice = if accounts.is_whole() { "" } else { "; mrrc check lists what is wrong" };
    news(accounts).map(|news| format!("{news}{advice}"))
}

/// One line, if the accounts have more to say than the number of records.
pub(super) fn news(accounts: &Accounts) -> Option<String> {
    accounts.has_news().then(|| accounts.to_string())
}
