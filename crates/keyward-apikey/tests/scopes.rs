//! Scopes: what they cover, and which set of them permits no more than another.

use std::collections::BTreeSet;

use keyward_apikey::{InvalidScope, Scope, Scopes, ScopesError};
use proptest::prelude::*;

/// The parts that the random scopes have, and one that none has and that stands for all others.
const NAMES: [&str; 3] = ["a", "b", "a-b"];
const FRESH: &str = "fresh";

fn scopes(texts: &[&str]) -> Scopes {
    Scopes::parse(texts.iter().copied()).unwrap()
}

fn any_scopes() -> impl Strategy<Value = BTreeSet<String>> {
    let part = || prop_oneof![Just("*"), Just(NAMES[0]), Just(NAMES[1]), Just(NAMES[2])];
    let scope = prop_oneof![
        1 => Just("*".to_owned()),
        20 => (part(), part()).prop_map(|(action, resource)| format!("{action}:{resource}")),
    ];
    proptest::collection::btree_set(scope, 0..8)
}

/// What a set of texts permits, as plain pairs.
fn permitted(texts: &BTreeSet<String>) -> BTreeSet<(&'static str, &'static str)> {
    let names = || NAMES.into_iter().chain([FRESH]);
    let is_permitted = |pair: &(&str, &str)| {
        texts.iter().any(|text| {
            let parts: Vec<&str> = text.split(':').collect();
            match parts[..] {
                ["*"] => true,
                [action, resource] => (action == "*" || action == pair.0) && (resource == "*" || resource == pair.1),
                _ => unreachable!("two parts"),
            }
        })
    };
    names().flat_map(|action| names().map(move |resource| (action, resource))).filter(is_permitted).collect()
}

proptest! {
    #[test]
    fn subsets_are_those_of_the_pairs_that_are_permitted(one in any_scopes(), other in any_scopes()) {
        let parse = |texts: &BTreeSet<String>| Scopes::parse(texts.iter().map(String::as_str)).unwrap();
        let (is_subset, pairs) = (parse(&one).is_subset_of(&parse(&other)), permitted(&one));
        prop_assert_eq!(is_subset, pairs.is_subset(&permitted(&other)));
        for action in NAMES {
            for resource in NAMES {
                let scope = Scope::new(&format!("{action}:{resource}")).unwrap();
                prop_assert_eq!(parse(&one).allows(&scope), pairs.contains(&(action, resource)));
            }
        }
    }

    #[test]
    fn texts_print_back_as_themselves(text in "(\\*|[a-zA-Z0-9_./-]{0,66}):?(\\*|[a-c:* é]{0,3})") {
        if let Ok(scope) = Scope::new(&text) {
            prop_assert_eq!(scope.to_string(), text);
        }
    }
}

#[test]
fn grammar_is_two_parts_or_a_star() {
    let longest = "a".repeat(64);
    for text in [
        "*",
        "*:*",
        "read:*",
        "*:blocks",
        "read:blocks",
        "use:openai/gpt-4.1_mini",
        "R:1",
        &format!("{longest}:{longest}"),
    ] {
        assert_eq!(Scope::new(text).map(|scope| scope.to_string()), Ok(text.to_owned()));
        assert_eq!(text.parse::<Scope>(), Scope::new(text));
    }
    for text in [
        "",
        ":",
        "read",
        "read:",
        ":blocks",
        "read:blocks:1",
        "**",
        "*:",
        ":*",
        "re*:blocks",
        "read:bl*",
        "read:**",
        "read: blocks",
        " read:blocks",
        "read:blocks ",
        "read:blöcke",
        "read:a,b",
        "read:\0",
        "read:\n",
        "read;blocks",
        &format!("{longest}a:a"),
        &format!("a:{longest}a"),
    ] {
        assert_eq!(Scope::new(text), Err(InvalidScope), "{text}");
    }
}

#[test]
fn a_star_is_one_whole_part() {
    let read_all = scopes(&["read:*"]);
    for (text, expected) in [
        ("read:blocks", true),
        ("read:*", true),
        ("Read:blocks", false),
        ("reader:blocks", false),
        ("write:blocks", false),
        ("*:blocks", false),
        ("*", false),
        ("*:*", false),
    ] {
        assert_eq!(read_all.allows(&text.parse().unwrap()), expected, "{text}");
    }
    for everything in ["*", "*:*"] {
        for text in ["*", "*:*", "read:*", "*:blocks", "a:b"] {
            assert!(scopes(&[everything]).allows(&text.parse().unwrap()));
        }
    }
    assert!(scopes(&["*:blocks"]).allows(&"write:blocks".parse().unwrap()));
    assert_eq!(Scope::everything().as_str(), "*");
}

#[test]
fn the_default_is_to_read_anything_and_nothing_else() {
    let texts: Vec<String> = Scopes::default().iter().map(Scope::to_string).collect();
    assert_eq!(texts, ["read:*"]);
}

#[test]
fn no_scopes_permit_nothing() {
    let none = scopes(&[]);
    assert!(none.is_empty() && !none.allows(&"a:b".parse().unwrap()));
    assert!(
        none.is_subset_of(&none) && none.is_subset_of(&Scopes::default()) && !Scopes::default().is_subset_of(&none)
    );
}

#[test]
fn sets_are_bounded_and_have_nothing_twice() {
    let texts: Vec<String> = (0..65).map(|number| format!("read:{number}")).collect();
    let parse = |count: usize| Scopes::parse(texts[..count].iter().map(String::as_str));
    assert_eq!(parse(64).map(|scopes| scopes.len()), Ok(Scopes::MAX_COUNT));
    assert_eq!(parse(65), Err(ScopesError::TooMany));
    assert_eq!(Scopes::parse(["read:*", "a:b", "read:*"]), Err(ScopesError::Repeated));
    assert_eq!(Scopes::parse(["read"]), Err(ScopesError::Scope(InvalidScope)));
    // What comes after one too many is not even read.
    assert_eq!(Scopes::parse(texts.iter().map(String::as_str).chain(["read"])), Err(ScopesError::TooMany));
    let kept: Vec<String> = scopes(&["write:b", "read:a"]).into_iter().map(Scope::to_string).collect();
    assert_eq!(kept, ["write:b", "read:a"]);
}
