//! What the field that has the keys means, told while it is typed.

use super::read::PATTERN;
use super::{AfterBy, Bring, FinishedBy, LoginBy, SecretBy, TrustBy, UpstreamBy};
use crate::app::numbers::counted;
use crate::app::source_item::Item;
use crate::app::source_texts::Texts;
use crate::domain::source::{DriftPolicy, NamePattern, Schedule};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

/// Schedules that a key offers, one after the other.
pub const EXAMPLES: [&str; 5] = ["0 * * * *", "30 6 * * *", "30 6 * * 1-5", "*/15 * * * *", "0 7 1 * *"];

/// A note under a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub text: String,
    /// It is about something that goes wrong, or that may be regretted.
    pub warns: bool,
}

fn says(text: impl Into<String>) -> Option<Note> {
    Some(Note { text: text.into(), warns: false })
}

fn warns(text: impl Into<String>) -> Option<Note> {
    Some(Note { text: text.into(), warns: true })
}

impl Bring {
    /// What there is to say of an item. `zone` is the one that holds where none is typed.
    pub fn note(&self, item: Item, texts: &Texts, zone: Tz, now_ms: i64) -> Option<Note> {
        let typed_zone = self.zone(texts, zone);
        let zone = typed_zone.clone().unwrap_or(zone);
        match item {
            Item::Schedule | Item::Cadence => schedule(item, texts.trimmed(item), zone, now_ms),
            Item::Zone => match typed_zone {
                Ok(zone) => says(format!("now {} there", local(now_ms, zone).format("%a %H:%M"))),
                Err(error) => warns(error),
            },
            Item::Pattern => self.pattern(texts.trimmed(item), zone, now_ms),
            Item::Login => says(match self.login {
                LoginBy::OwnKey => "Its public half is shown after saving, for whoever runs the server.",
                LoginBy::KeyFile => "It stays where it is; only this account may be able to read it.",
                LoginBy::Agent => "The worker needs SSH_AUTH_SOCK: a schedule runs only while the agent does.",
                LoginBy::Password => "A key is safer. The password itself never goes into the database.",
            }),
            Item::SecretFrom if self.secret == SecretBy::Command => {
                says("It runs only where this workspace was said to be trusted.")
            }
            Item::Secret if self.secret == SecretBy::Typed => {
                says("It goes to secrets.toml (only for its owner to read), and nowhere else.")
            }
            Item::HostKey => says(match self.trust {
                TrustBy::Ask => "Nothing is sent before somebody has accepted the key of the host.",
                TrustBy::Pinned => "A host with another key is refused.",
                TrustBy::KnownHosts => "A host that is not in it is refused, and so is a revoked key.",
            }),
            Item::Upstream => match self.upstream {
                UpstreamBy::Made => {
                    warns("! Better have them make it: a key that two have had is weaker. It is made once.")
                }
                UpstreamBy::Theirs => {
                    says("One line, as ssh-keygen writes it to a .pub file. Never their private key.")
                }
                UpstreamBy::AsIs => None,
            },
            Item::Finished => says(match self.finished {
                FinishedBy::Still => "Size and time have to be the same in both.",
                FinishedBy::Marker => "A file without its marker is not taken.",
            }),
            Item::Drift => says(match self.drift {
                DriftPolicy::CarryOn => "A mapped column that is gone or renamed stops it all the same.",
                DriftPolicy::Review => "Somebody looks at it, and lets it in.",
                DriftPolicy::Stop => "Nothing of it is imported.",
            }),
            Item::After => match self.after {
                AfterBy::Leave => says("Files that were imported are known, and not imported twice."),
                AfterBy::Move => says("Only when its run is complete."),
                AfterBy::Delete => warns(
                    "! Only when its run is complete. Landfall keeps its own copy as long as deliveries are kept.",
                ),
            },
            Item::Owner => says("Who is told when a file is late, missing or broken."),
            _ => None,
        }
    }

    fn pattern(&self, text: &str, zone: Tz, now_ms: i64) -> Option<Note> {
        let text = if text.is_empty() { PATTERN } else { text };
        let pattern = match NamePattern::parse(text) {
            Ok(pattern) => pattern,
            Err(error) => return warns(format!("{}.", error.why)),
        };
        let mut note = format!("today: {}", pattern.example(local(now_ms, zone).naive_local()));
        if let Some(names) = &self.names {
            let matching = names.iter().filter(|name| pattern.matches(name).is_some()).count();
            let files = counted(names.len() as u64, "file", "files");
            note.push_str(&format!(" · {matching} of {files} there match"));
            if matching == 0 && !names.is_empty() {
                return warns(note);
            }
        }
        says(note)
    }
}

fn schedule(item: Item, text: &str, zone: Tz, now_ms: i64) -> Option<Note> {
    if text.is_empty() {
        return says(match item {
            Item::Cadence => "Nothing is promised: no file is ever late or missing.",
            _ => "Only when somebody says so.",
        });
    }
    match Schedule::parse(text, zone) {
        Ok(schedule) => {
            let next = schedule.next_after(now_ms).map(|at| local(at, zone).format("%a %-d %b, %H:%M").to_string());
            let next = next.map(|next| format!(" · next {next}")).unwrap_or_default();
            says(format!("{}{next}", schedule.describe()))
        }
        Err(error) => warns(format!("{}.", error.why.trim_end_matches('.'))),
    }
}

fn local(at_ms: i64, zone: Tz) -> DateTime<Tz> {
    DateTime::<Utc>::from_timestamp_millis(at_ms).unwrap_or_default().with_timezone(&zone)
}
