//! Two lines, each a list of scopes: each scope is taken if and only if it has the documented form, and the one set is a subset
//! of the other if and only if it permits no pair more.

#![cfg_attr(fuzzing, no_main)]

use std::collections::BTreeSet;

use keyward_apikey::{Scope, Scopes};
use keyward_fuzz::assert_one_line;

fn property(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let (one, other) = text.split_once('\n').unwrap_or((text, ""));
    let (one_texts, other_texts): (Vec<&str>, Vec<&str>) = (list(one), list(other));
    let (one, other) = (parse(&one_texts), parse(&other_texts));
    let (Some(one), Some(other)) = (one, other) else { return };

    // All names there are, and one that stands for all others. Few, as pairs of pairs are tried.
    let names: BTreeSet<&str> =
        one_texts.iter().chain(&other_texts).flat_map(|text| text.split(':')).filter(|name| *name != "*").collect();
    if names.len() > 24 {
        return;
    }
    let names: Vec<&str> = names.into_iter().chain(["a.name.that.is.nowhere.else"]).collect();
    let mut is_subset = true;
    for action in &names {
        for resource in &names {
            let scope = Scope::new(&format!("{action}:{resource}")).expect("two names");
            let (by_one, by_other) = (permits(&one_texts, action, resource), permits(&other_texts, action, resource));
            assert_eq!((one.allows(&scope), other.allows(&scope)), (by_one, by_other));
            is_subset &= !by_one || by_other;
        }
    }
    assert_eq!(one.is_subset_of(&other), is_subset);
    assert!(one.is_subset_of(&one));
}

fn list(line: &str) -> Vec<&str> {
    line.split(' ').filter(|text| !text.is_empty()).collect()
}

fn parse(texts: &[&str]) -> Option<Scopes> {
    for text in texts {
        assert_eq!(Scope::new(text).is_ok(), has_the_form(text), "{text}");
    }
    let distinct: BTreeSet<&&str> = texts.iter().collect();
    let is_set = texts.len() <= 64 && distinct.len() == texts.len() && texts.iter().all(|text| has_the_form(text));
    let parsed = Scopes::parse(texts.iter().copied());
    assert_eq!(parsed.is_ok(), is_set);
    match parsed {
        Ok(scopes) => {
            assert!(scopes.iter().map(Scope::as_str).eq(texts.iter().copied()));
            Some(scopes)
        }
        Err(error) => {
            assert_one_line(error);
            None
        }
    }
}

/// The form, told without the parser.
fn has_the_form(text: &str) -> bool {
    let is_part = |part: &&str| {
        let is_allowed = |character: char| character.is_ascii_alphanumeric() || "_-./".contains(character);
        *part == "*" || !part.is_empty() && part.len() <= 64 && part.chars().all(is_allowed)
    };
    let parts: Vec<&str> = text.split(':').collect();
    text == "*" || parts.len() == 2 && parts.iter().all(is_part)
}

fn permits(texts: &[&str], action: &str, resource: &str) -> bool {
    let is = |part: &str, name| part == "*" || part == name;
    texts.iter().any(|text| match text.split_once(':') {
        None => true,
        Some((own_action, own_resource)) => is(own_action, action) && is(own_resource, resource),
    })
}

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| property(data));

#[cfg(not(fuzzing))]
fn main() {
    keyward_fuzz::replay("scopes", property);
}
