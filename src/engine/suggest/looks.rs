//! What values look like, in a word: of a column as a whole, and of one value.

use super::evidence::{ColumnEvidence, OwnIds, Shape, shapes};

/// What values look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Looks {
    /// There are none.
    Empty,
    ContactId,
    Email,
    Url,
    TimeZone,
    DateTime,
    Date,
    Phone,
    YesNo,
    Number,
    Name,
    LongText,
    Text,
}

impl Looks {
    pub const ALL: [Looks; 13] = [
        Looks::Empty,
        Looks::ContactId,
        Looks::Email,
        Looks::Url,
        Looks::TimeZone,
        Looks::DateTime,
        Looks::Date,
        Looks::Phone,
        Looks::YesNo,
        Looks::Number,
        Looks::Name,
        Looks::LongText,
        Looks::Text,
    ];

    /// As scripts see it.
    pub fn as_str(self) -> &'static str {
        match self {
            Looks::Empty => "empty",
            Looks::ContactId => "contact_id",
            Looks::Email => "email",
            Looks::Url => "url",
            Looks::TimeZone => "timezone",
            Looks::DateTime => "datetime",
            Looks::Date => "date",
            Looks::Phone => "phone",
            Looks::YesNo => "yes_no",
            Looks::Number => "number",
            Looks::Name => "name",
            Looks::LongText => "long_text",
            Looks::Text => "text",
        }
    }

    /// As people read it.
    pub fn words(self) -> &'static str {
        match self {
            Looks::ContactId => "Contact ID",
            Looks::Email => "e-mail",
            Looks::Url => "web address",
            Looks::TimeZone => "time zone",
            Looks::DateTime => "date and time",
            Looks::YesNo => "yes or no",
            Looks::LongText => "long text",
            Looks::Empty | Looks::Date | Looks::Phone | Looks::Number | Looks::Name | Looks::Text => self.as_str(),
        }
    }

    /// What the values of a column mostly are. Digits alone are phone numbers only where they go to a field of those.
    pub fn of_column(evidence: &ColumnEvidence, is_phone_field: bool) -> Looks {
        let mostly = |shape: Shape| evidence.share(shape) >= 0.8;
        match () {
            () if evidence.filled() == 0 => Looks::Empty,
            () if mostly(Shape::OurId) => Looks::ContactId,
            () if mostly(Shape::Email) => Looks::Email,
            () if mostly(Shape::Url) => Looks::Url,
            () if mostly(Shape::TimeZone) => Looks::TimeZone,
            () if mostly(Shape::DateTime) => Looks::DateTime,
            () if mostly(Shape::Date) => Looks::Date,
            () if mostly(Shape::Phone) && (is_phone_field || evidence.share(Shape::WrittenPhone) >= 0.3) => {
                Looks::Phone
            }
            () if mostly(Shape::YesNo) => Looks::YesNo,
            () if mostly(Shape::Number) => Looks::Number,
            () if mostly(Shape::PersonName) => Looks::Name,
            () if evidence.share(Shape::LongText) >= 0.3 => Looks::LongText,
            () => Looks::Text,
        }
    }

    /// What one value, which is not empty, looks like.
    pub fn of_value(value: &str, own_ids: &OwnIds<'_>) -> Looks {
        let mut found = 0_u32;
        shapes(value, own_ids, |shape| found |= 1 << shape as u32);
        let is = |shape: Shape| found & (1 << shape as u32) != 0;
        let order = [
            (Shape::OurId, Looks::ContactId),
            (Shape::Email, Looks::Email),
            (Shape::Url, Looks::Url),
            (Shape::TimeZone, Looks::TimeZone),
            (Shape::DateTime, Looks::DateTime),
            (Shape::Date, Looks::Date),
            (Shape::WrittenPhone, Looks::Phone),
            (Shape::YesNo, Looks::YesNo),
            (Shape::Number, Looks::Number),
            (Shape::Phone, Looks::Phone),
            (Shape::PersonName, Looks::Name),
            (Shape::LongText, Looks::LongText),
        ];
        order.into_iter().find(|(shape, _)| is(*shape)).map_or(Looks::Text, |(_, looks)| looks)
    }
}
