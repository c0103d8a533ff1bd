//! Dates and date-times.
use crate::domain::issue::ReadResult;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

/// How an all-numeric date with the year last is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    MonthFirst,
    DayFirst,
}

/// What an all-numeric date with the year last tells about the order of its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderEvidence {
    OnlyMonthFirst,
    OnlyDayFirst,
    Either,
}

/// A value of a date-time field: a date where the file gives no time, else a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Day(NaiveDate),
    At(DateTime<Utc>),
}

pub fn read_date(_text: &str, _order: DateOrder) -> ReadResult<NaiveDate> {
    todo!()
}

/// `zone` is where a time without an offset was written.
pub fn read_moment(_text: &str, _order: DateOrder, _zone: Tz) -> ReadResult<Moment> {
    todo!()
}

/// `None` when the text is not an all-numeric date with the year last.
pub fn order_evidence(_text: &str) -> Option<OrderEvidence> {
    todo!()
}
