//! Short messages that go by themselves. They are shown on the rule above the hints, where they hide no data.

/// How long a message stays, ms.
const STAYS: i64 = 6_000;
/// An error stays longer.
const ERROR_STAYS: i64 = 15_000;

/// One short message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    pub text: String,
    pub is_error: bool,
    /// It says that runs wait: it goes when they have begun.
    pub until_begun: bool,
    /// When it goes (ms since 1970, UTC).
    pub until_ms: i64,
}

impl Toast {
    pub fn said(text: impl Into<String>, now_ms: i64) -> Toast {
        Toast { text: text.into(), is_error: false, until_begun: false, until_ms: now_ms + STAYS }
    }

    /// That runs wait for their turn.
    pub fn until_begun(text: impl Into<String>, now_ms: i64) -> Toast {
        Toast { until_begun: true, ..Toast::said(text, now_ms) }
    }

    pub fn error(text: impl Into<String>, now_ms: i64) -> Toast {
        Toast { text: text.into(), is_error: true, until_begun: false, until_ms: now_ms + ERROR_STAYS }
    }
}
