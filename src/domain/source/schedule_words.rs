//! What a cron expression says, in the words of people: those that people write. Anything unusual has no words here.

/// Times of day that are written out one by one, at most.
const MOST_TIMES: usize = 6;

/// A cron expression of five fields in words, such as "Every 15 minutes from 06:00 to 09:59, Monday to Friday"; none of an
/// unusual one.
pub(super) fn in_words(cron: &str) -> Option<String> {
    let cron = match cron.to_ascii_lowercase().as_str() {
        "@hourly" => "0 * * * *",
        "@daily" | "@midnight" => "0 0 * * *",
        "@weekly" => "0 0 * * 0",
        "@monthly" => "0 0 1 * *",
        "@yearly" | "@annually" => "0 0 1 1 *",
        _ => cron,
    };
    let fields: Vec<&str> = cron.split_whitespace().collect();
    let &[minute, hour, day, month, weekday] = fields.as_slice() else { return None };
    let (minute, hour) = (Field::of(minute, (0, 59), &[])?, Field::of(hour, (0, 23), &[])?);
    let months = match month {
        "*" => None,
        month => Some(named(month, (1, 12), &MONTHS, "")?),
    };
    let days = days(day, weekday, months.as_deref())?;
    if let Some(times) = times(&minute, &hour) {
        return Some(format!(
            "{} at {times}",
            days.map_or_else(|| "Every day".to_owned(), |days| capital(&days.alone))
        ));
    }
    let often = often(&minute, &hour)?;
    Some(match days {
        None => often,
        Some(days) => format!("{often}, {}", days.behind),
    })
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// From 0, with a second Sunday at the end.
const WEEKDAYS: [&str; 8] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// A field that is no more than one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Field {
    Any,
    /// Every so many, from the first on; a divisor of the whole.
    Each(u32),
    /// A range, both ends included, and how far apart those of it are.
    Range {
        from: u32,
        to: u32,
        step: u32,
    },
    These(Vec<u32>),
}

impl Field {
    /// `names` are those of the numbers from `within.0` on; three letters of one will do.
    fn of(text: &str, within: (u32, u32), names: &[&str]) -> Option<Field> {
        let whole = within.1 - within.0 + 1;
        let number = |text: &str| {
            let is_it = |name: &str| text.len() == 3 && name[..3].eq_ignore_ascii_case(text);
            let named = names.iter().position(|name| is_it(name)).and_then(|at| u32::try_from(at).ok());
            let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            let number = named.map(|at| at + within.0).or_else(|| text.parse().ok().filter(|_| is_digits))?;
            (within.0..=within.1).contains(&number).then_some(number)
        };
        let (range, step) = match text.split_once('/') {
            Some((range, step)) => (range, step.parse().ok().filter(|step| *step > 0)?),
            None => (text, 1),
        };
        match (range, range.split_once('-')) {
            ("*", _) if step == 1 => Some(Field::Any),
            ("*", _) if whole.is_multiple_of(step) && step < whole => Some(Field::Each(step)),
            ("*", _) => None,
            (_, Some((from, to))) if !text.contains(',') => {
                let (from, to) = (number(from)?, number(to)?);
                (from < to).then(|| Field::Range { from, to: to - (to - from) % step, step })
            }
            _ if text.contains('/') => None,
            _ => {
                let mut these: Vec<u32> = text.split(',').map(number).collect::<Option<_>>()?;
                these.sort_unstable();
                these.dedup();
                Some(Field::These(these))
            }
        }
    }
}

/// On which days, where these are not all.
struct Days {
    /// In front of times of day: "Monday to Friday".
    alone: String,
    /// Behind how often: "on day 1 of every month".
    behind: String,
}

fn days(day: &str, weekday: &str, months: Option<&str>) -> Option<Option<Days>> {
    let in_months = months.map(|months| format!(" in {months}")).unwrap_or_default();
    Some(match (day, weekday) {
        ("*", "*") => {
            months.map(|months| Days { alone: format!("every day in {months}"), behind: format!("in {months}") })
        }
        ("*", weekday) => {
            let days = format!("{}{in_months}", named(weekday, (0, 7), &WEEKDAYS, "s")?);
            Some(Days { alone: days.clone(), behind: days })
        }
        (day, "*") => {
            let of = months.unwrap_or("every month");
            let days = match Field::of(day, (1, 31), &[]) {
                None if day.eq_ignore_ascii_case("L") => format!("the last day of {of}"),
                Some(Field::These(days)) => {
                    let word = if days.len() == 1 { "day" } else { "days" };
                    format!("{word} {} of {of}", listed(&days.iter().map(u32::to_string).collect::<Vec<_>>()))
                }
                Some(Field::Range { from, to, step: 1 }) => format!("days {from} to {to} of {of}"),
                _ => return None,
            };
            Some(Days { behind: format!("on {days}"), alone: days })
        }
        // Due on either: that takes more words.
        _ => return None,
    })
}

/// Days of the week or months: "Monday to Friday", "Mondays and Thursdays".
fn named(text: &str, within: (u32, u32), names: &[&str], plural: &str) -> Option<String> {
    let name = |number: u32| names.get((number - within.0) as usize).map(|name| (*name).to_owned());
    match Field::of(text, within, names)? {
        Field::Range { from, to, step: 1 } => Some(format!("{} to {}", name(from)?, name(to)?)),
        Field::These(mut these) => {
            // A week that is listed ends with its Sunday.
            these.iter_mut().filter(|day| **day == 0).for_each(|day| *day = 7);
            these.sort_unstable();
            these.dedup();
            let names: Vec<String> = these.into_iter().map(name).collect::<Option<_>>()?;
            Some(listed(&names.iter().map(|name| format!("{name}{plural}")).collect::<Vec<_>>()))
        }
        _ => None,
    }
}

/// The times of day, where they are few.
fn times(minute: &Field, hour: &Field) -> Option<String> {
    let Field::These(minutes) = minute else { return None };
    let hours: Vec<u32> = match hour {
        Field::These(hours) => hours.clone(),
        // A range that is due once an hour is said as such.
        Field::Range { from, to, step } if minutes.len() > 1 => (*from..=*to).step_by(*step as usize).collect(),
        _ => return None,
    };
    let times: Vec<String> = hours.iter().flat_map(|hour| minutes.iter().map(|minute| clock(*hour, *minute))).collect();
    (times.len() <= MOST_TIMES).then(|| listed(&times))
}

/// How often, and within which hours.
fn often(minute: &Field, hour: &Field) -> Option<String> {
    let every = match minute {
        Field::Any => "Every minute".to_owned(),
        Field::Each(step) => format!("Every {step} minutes"),
        Field::These(minutes) => return hourly(minutes, hour),
        Field::Range { .. } => return None,
    };
    // To the end of the hour: whoever reads "to 09:45" cannot know whether one is due then.
    let span = |from: u32, to: u32| format!("from {} to {}", clock(from, 0), clock(to, 59));
    match hour {
        Field::Any => Some(every),
        Field::Range { from, to, step: 1 } => Some(format!("{every} {}", span(*from, *to))),
        Field::These(hours) if hours.len() <= 2 => {
            Some(format!("{every} {}", listed(&hours.iter().map(|hour| span(*hour, *hour)).collect::<Vec<_>>())))
        }
        _ => None,
    }
}

/// At these minutes of hours.
fn hourly(minutes: &[u32], hour: &Field) -> Option<String> {
    let at = |minutes: &[u32]| match minutes {
        [0] => String::new(),
        [minute] => format!(" at minute {minute}"),
        minutes => format!(" at minutes {}", listed(&minutes.iter().map(u32::to_string).collect::<Vec<_>>())),
    };
    match (hour, minutes) {
        (Field::Any, minutes) if minutes.len() <= MOST_TIMES => Some(format!("Every hour{}", at(minutes))),
        (Field::Each(step), [0]) => Some(format!("Every {step} hours")),
        (Field::Each(step), [minute]) => Some(format!("Every {step} hours from {}", clock(0, *minute))),
        (Field::Range { from, to, step }, [minute]) => {
            let every = if *step == 1 { "Every hour".to_owned() } else { format!("Every {step} hours") };
            Some(format!("{every} from {} to {}", clock(*from, *minute), clock(*to, *minute)))
        }
        _ => None,
    }
}

fn clock(hour: u32, minute: u32) -> String {
    format!("{hour:02}:{minute:02}")
}

fn listed(words: &[String]) -> String {
    match words {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        words => words.concat(),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_said_in_their_words() {
        for (cron, words) in [
            ("* * * * *", "Every minute"),
            ("*/15 * * * *", "Every 15 minutes"),
            ("*/30 * * * *", "Every 30 minutes"),
            ("*/15 6-9 * * 1-5", "Every 15 minutes from 06:00 to 09:59, Monday to Friday"),
            ("*/30 6-9 * * *", "Every 30 minutes from 06:00 to 09:59"),
            ("*/5 6 * * *", "Every 5 minutes from 06:00 to 06:59"),
            ("*/20 6,18 * * *", "Every 20 minutes from 06:00 to 06:59 and from 18:00 to 18:59"),
            ("* 8-17 * * MON-FRI", "Every minute from 08:00 to 17:59, Monday to Friday"),
            ("*/15 * * * mon-fri", "Every 15 minutes, Monday to Friday"),
            ("0 * * * *", "Every hour"),
            ("@hourly", "Every hour"),
            ("5 * * * *", "Every hour at minute 5"),
            ("5,35 * * * *", "Every hour at minutes 5 and 35"),
            ("0 8-18 * * 1-5", "Every hour from 08:00 to 18:00, Monday to Friday"),
            ("30 8-18 * * *", "Every hour from 08:30 to 18:30"),
            ("0 8-19/2 * * *", "Every 2 hours from 08:00 to 18:00"),
            ("0 */6 * * *", "Every 6 hours"),
            ("30 */6 * * *", "Every 6 hours from 00:30"),
            ("0 * 1 * *", "Every hour, on day 1 of every month"),
            ("@daily", "Every day at 00:00"),
            ("30 6 * * *", "Every day at 06:30"),
            ("30 6 * * 1-5", "Monday to Friday at 06:30"),
            ("30 6 * * 5-7", "Friday to Sunday at 06:30"),
            ("30 6 * * 0,6", "Saturdays and Sundays at 06:30"),
            ("0 7 * * MON,WED,FRI", "Mondays, Wednesdays and Fridays at 07:00"),
            ("0 2,8,14 * * *", "Every day at 02:00, 08:00 and 14:00"),
            ("0,30 6-7 * * *", "Every day at 06:00, 06:30, 07:00 and 07:30"),
            ("@weekly", "Sundays at 00:00"),
            ("0 7 1 * *", "Day 1 of every month at 07:00"),
            ("0 7 1,15 * *", "Days 1 and 15 of every month at 07:00"),
            ("0 7 1-7 * *", "Days 1 to 7 of every month at 07:00"),
            ("0 7 L * *", "The last day of every month at 07:00"),
            ("0 7 1 1,4,7,10 *", "Day 1 of January, April, July and October at 07:00"),
            ("0 7 * 3 *", "Every day in March at 07:00"),
            ("0 7 * JUN-AUG 1", "Mondays in June to August at 07:00"),
            ("*/10 * * 12 *", "Every 10 minutes, in December"),
            ("@yearly", "Day 1 of January at 00:00"),
        ] {
            assert_eq!(in_words(cron).as_deref(), Some(words), "{cron}");
        }
    }

    #[test]
    fn what_is_unusual_has_no_words_of_ours() {
        for cron in [
            "*/7 * * * *",
            "5-20 * * * *",
            "*/15 */2 * * *",
            "0 7 1 * 1",
            "0 7 * * 1#2",
            "0 7 * * 5L",
            "0 7 15W * *",
            "0 7 1-31/2 * *",
            "1,2,3,4,5,6,7 * * * *",
            "1-5,10 * * * *",
            "0 6-8,12 * * *",
            "0 0 * * * *",
            "@reboot",
            "",
        ] {
            assert_eq!(in_words(cron), None, "{cron}");
        }
    }
}
