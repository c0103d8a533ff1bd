//! `landfall user`: the people that owners and followers resolve to (R236, R247).

use super::context::Context;
use super::error::{CliError, Exit};
use super::flags::ListFlags;
use crate::store::Person;
use clap::Subcommand;
use serde_json::{Value, json};

/// Add, list and remove the people that owners and followers resolve to
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  landfall user add \"Logan Paul\"")]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Add a person
    #[command(after_help = "Example:\n  landfall user add \"Logan Paul\"")]
    Add {
        /// First and last name
        #[arg(value_name = "First Last")]
        name: String,
    },
    /// List people
    #[command(after_help = "Example:\n  landfall user list")]
    List {
        #[command(flatten)]
        list: ListFlags,
    },
    /// Remove a person; contacts keep the name
    #[command(after_help = "Example:\n  landfall user remove \"Logan Paul\"")]
    Remove {
        /// First and last name
        #[arg(value_name = "First Last")]
        name: String,
    },
}

pub fn run(args: Args, context: &Context) -> Result<Exit, CliError> {
    match args.verb {
        Verb::Add { name } => {
            let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
            if name.is_empty() {
                return Err(CliError::usage("A person needs a name", "such as \"Logan Paul\""));
            }
            let person = context.store_to_change("A person")?.add_person(&name)?;
            context.out.say(format!("Added {}.", person.name));
            if context.out.json {
                context.out.json(&object(&person))?;
            }
        }
        Verb::List { list } => {
            let people = list.part(context.store()?.people()?, |person| person.name.clone());
            for person in &people {
                if context.out.json {
                    context.out.json(&object(person))?;
                } else {
                    context.out.answer(person.name.as_str())?;
                }
            }
            if people.is_empty() {
                context.out.say("No people. `landfall user add \"First Last\"` adds one.");
            }
        }
        Verb::Remove { name } => {
            if !context.store_to_change("Removing a person")?.remove_person(&name)? {
                return Err(CliError::not_found(format!("person {name}"), "`landfall user list` lists the people"));
            }
            context.out.say(format!("Removed {name}."));
        }
    }
    Ok(Exit::Done)
}

fn object(person: &Person) -> Value {
    json!({ "name": person.name })
}
