//! Days of the Gregorian calendar, as Arrow counts them.

/// Days since 1970-01-01, of years from 1 to 9999; `None` if there is no such day.
pub(crate) fn days_since_1970(year: i32, month: i32, day: i32) -> Option<i32> {
    const LENGTHS: [i32; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    const FROM_YEAR_1_TO_1970: i32 = 719_162;
    if !(1..=9999).contains(&year) {
        return None;
    }
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let months_before = usize::try_from(month - 1).ok()?;
    let length = LENGTHS.get(months_before)? + i32::from(is_leap && month == 2);
    if !(1..=length).contains(&day) {
        return None;
    }
    let in_year = LENGTHS[..months_before].iter().sum::<i32>() + i32::from(is_leap && month > 2) + day - 1;
    let years = year - 1;
    let leap_days = years / 4 - years / 100 + years / 400;
    Some(years * 365 + leap_days + in_year - FROM_YEAR_1_TO_1970)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_follow_each_other_from_the_first_year_to_the_last() {
        assert_eq!(days_since_1970(1970, 1, 1), Some(0));
        assert_eq!(days_since_1970(2000, 2, 29), Some(11_016));
        assert_eq!([days_since_1970(1900, 2, 29), days_since_1970(2023, 4, 31)], [None; 2]);
        let all = (0..=10_000).flat_map(|year| (0..=13).map(move |month| (year, month)));
        let all =
            all.flat_map(|(year, month)| (0..=32).filter_map(move |day| days_since_1970(year, month, day)));
        let all: Vec<_> = all.collect();
        assert_eq!((all.first(), all.last()), (Some(&-719_162), Some(&2_932_896)));
        assert!(all.windows(2).all(|days| days[0] + 1 == days[1]));
    }
}
