//! Tokens, from key to text.

use std::{hint::black_box, io, num::NonZero, thread};

use getrandom::SysRng;
use keyward_lighter::{
    AccountIndex, ApiKeyIndex, AuthToken, SigningKey, SlotPlan, SystemClock, TimeSlot, TokenSigner, UnixSeconds,
    pregenerate, private_key_text,
};
use keyward_lighter_client::TokenSource;

use super::signatures::signing_key;
use super::{chained, portably};
use crate::{OfficialSigner, Operation, Row, Target};

/// 28 days of one account.
const SLOTS: u32 = 112;
const ACCOUNTS: u64 = 10;

pub(super) fn rows(official: Option<&'static OfficialSigner>) -> Vec<Row> {
    if let Some(official) = official {
        for account_index in accounts() {
            official
                .create_client(&private_key_text(&signing_key()), account_index, api_key_index())
                .expect("the official signer takes the key");
        }
    }
    let one_core = NonZero::<usize>::MIN;
    let mut rows = vec![
        create(official),
        create_portably(official),
        generate_key(official),
        current(),
        parse(),
        batch("create 1,120 tokens on one core", ["keyward-lighter/batch", "lighter-signer/batch"], one_core, official)
            .with_target(Target::TimesFaster { least: 60.0, aim: 100.0 }),
    ];
    let cores = thread::available_parallelism().unwrap_or(one_core);
    if cores > one_core {
        let ids = ["keyward-lighter/batch-all-cores", "lighter-signer/batch-all-cores"];
        rows.push(batch("create 1,120 tokens on all cores", ids, cores, official));
    }
    rows
}

fn create(official: Option<&'static OfficialSigner>) -> Row {
    let sign = sign_token();
    Row::new("create a token", Operation::new("keyward-lighter/token", sign), official.map(sign_officially))
        .with_target(Target::TimesFaster { least: 35.0, aim: 45.0 })
}

fn create_portably(official: Option<&'static OfficialSigner>) -> Row {
    let mut sign = sign_token();
    let operation = Operation::new("keyward-lighter/token-portable", move || portably(&mut sign));
    Row::new("create a token, portable code", operation, official.map(sign_officially))
        .with_target(Target::TimesFaster { least: 22.0, aim: 27.0 })
}

fn sign_token() -> impl FnMut() {
    let account_index = accounts().next().expect("ten accounts");
    let signer = TokenSigner::new(signing_key(), account_index, api_key_index());
    move || {
        let token = signer.sign(black_box(deadline()), &mut SysRng).expect("the system has randomness");
        black_box(token.expose_secret());
    }
}

fn sign_officially(official: &'static OfficialSigner) -> Operation {
    let account_index = accounts().next().expect("ten accounts");
    Operation::new("lighter-signer/token", move || {
        let token = official.create_auth_token(black_box(deadline()), account_index, api_key_index());
        black_box(token.expect("the official signer has the key"));
    })
}

/// What every request of a client begins with.
fn current() -> Row {
    let account_index = accounts().next().expect("ten accounts");
    let signer = TokenSigner::new(signing_key(), account_index, api_key_index());
    let source = TokenSource::from_signer(signer, SystemClock);
    let step = move |()| {
        black_box(source.token().expect("the system has randomness"));
    };
    Row::new("ask a source for the token to use now", chained("keyward-lighter-client/token-source", (), step), None)
}

fn generate_key(official: Option<&'static OfficialSigner>) -> Row {
    Row::new(
        "generate a key pair",
        Operation::new("keyward-lighter/generate", || {
            let key = SigningKey::generate(&mut SysRng).expect("the system has randomness");
            black_box((private_key_text(&key), keyward_lighter::public_key_text(key.verifying_key())));
        }),
        official.map(|official| {
            Operation::new("lighter-signer/generate", move || {
                black_box(official.generate_api_key().expect("the official signer makes a key pair"));
            })
        }),
    )
}

fn parse() -> Row {
    let signer = TokenSigner::new(signing_key(), AccountIndex::MAX, api_key_index());
    let token = signer.sign(deadline(), &mut SysRng).expect("the system has randomness");
    let text = token.expose_secret().to_owned();
    let peer_text = text.clone();
    Row::new(
        "parse a token",
        Operation::new("keyward-token/parse", move || {
            black_box(AuthToken::parse(black_box(&text)).expect("made here"));
        }),
        // No parser, but the floor under any: where the colons are.
        Operation::new("memchr/find-colons", move || {
            black_box(memchr::memchr_iter(b':', black_box(peer_text.as_bytes())).count());
        }),
    )
    .with_target(Target::Nanoseconds(150.0))
}

/// 28 days of ten accounts on so many threads; the official signer, which has no batch, is called from as many.
fn batch(
    title: &'static str,
    [id, peer_id]: [&'static str; 2],
    jobs: NonZero<usize>,
    official: Option<&'static OfficialSigner>,
) -> Row {
    let plan = SlotPlan::new(TimeSlot::containing(deadline()), SLOTS).expect("near slots");
    let signers: Vec<TokenSigner> =
        accounts().map(|account_index| TokenSigner::new(signing_key(), account_index, api_key_index())).collect();
    Row::new(
        title,
        Operation::new(id, move || {
            let done = pregenerate(&signers, plan, jobs, || SysRng, |_| (), io::sink()).expect("nothing can fail here");
            assert_eq!(done.tokens, ACCOUNTS * u64::from(SLOTS));
        }),
        official.map(|official| {
            let work: Vec<(AccountIndex, UnixSeconds)> = accounts()
                .flat_map(|account_index| plan.iter().map(move |slot| (account_index, slot.start())))
                .collect();
            Operation::new(peer_id, move || {
                thread::scope(|scope| {
                    for share in work.chunks(work.len().div_ceil(jobs.get())) {
                        scope.spawn(move || {
                            for &(account_index, deadline) in share {
                                let token = official.create_auth_token(deadline, account_index, api_key_index());
                                black_box(token.expect("the official signer has the key"));
                            }
                        });
                    }
                });
            })
        }),
    )
}

fn accounts() -> impl Iterator<Item = AccountIndex> {
    (0..ACCOUNTS).map(|index| AccountIndex::new(281_474_976_710_000 + index).expect("below 2^48 - 1"))
}

fn api_key_index() -> ApiKeyIndex {
    ApiKeyIndex::READ_ONLY_AUTH
}

fn deadline() -> UnixSeconds {
    UnixSeconds::new(1_700_028_800).expect("in range")
}
