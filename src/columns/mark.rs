//! [`Marked`]: columns that can be cut back, so that a record whose content turns out to be unusable leaves no trace.

/// A column that can be cut back to what it was at some moment.
pub(super) trait Marked {
    /// Its length at some moment.
    type Mark: Copy;

    fn mark(&mut self) -> Self::Mark;

    fn cut(&mut self, mark: Self::Mark);
}

/// A column that may not be wanted.
impl<C: Marked> Marked for Option<C> {
    type Mark = Option<C::Mark>;

    fn mark(&mut self) -> Self::Mark {
        self.as_mut().map(C::mark)
    }

    fn cut(&mut self, mark: Self::Mark) {
        if let Some((column, mark)) = self.as_mut().zip(mark) {
            column.cut(mark);
        }
    }
}

impl Marked for Vec<i64> {
    type Mark = usize;

    fn mark(&mut self) -> usize {
        self.len()
    }

    fn cut(&mut self, mark: usize) {
        self.truncate(mark);
    }
}
