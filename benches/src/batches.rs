//! Batches of tokens, on one thread or more, by each implementation.

use std::{hint::black_box, thread};

use getrandom::SysRng;
use keyward_goldilocks::vector::{Avx2, Avx512, Level, limit};
use keyward_lighter::{AccountIndex, ApiKeyIndex, SigningKey, TokenSigner, UnixSeconds, private_key_text, sign_tokens};

use crate::{OfficialSigner, Operation};

/// Accounts that a batch takes in turn, each with a key of its own.
const ACCOUNTS: usize = 100;

/// Threads take shares of whole eights: so many tokens are signed at the same time.
const SHARE_UNIT: usize = 8;

/// The signers and deadlines of a batch, and on how many threads it is worked.
#[derive(Clone, Copy, Debug)]
pub struct Batch {
    /// How many tokens there are.
    pub tokens: usize,
    /// How many threads share them, in whole eights: of eight tokens one thread has all.
    pub threads: usize,
}

/// Whose code makes the tokens.
#[derive(Clone, Copy, Debug)]
pub enum Code {
    /// This project's for AVX-512 IFMA.
    Avx512,
    /// This project's for AVX2.
    Avx2,
    /// This project's, as on any processor.
    Portable,
    /// The official signer, which has no batch and is called for each token.
    Official(&'static OfficialSigner),
}

impl Code {
    /// As it stands in tables and plots.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Avx512 => "keyward, AVX-512 code",
            Self::Avx2 => "keyward, AVX2 code",
            Self::Portable => "keyward, portable code",
            Self::Official(_) => "lighter-signer",
        }
    }

    /// What there is on this machine, the fastest first.
    #[must_use]
    pub fn all(official: Option<&'static OfficialSigner>) -> Vec<Self> {
        let vector = [Avx512::detect().map(|_| Self::Avx512), Avx2::detect().map(|_| Self::Avx2)];
        vector.into_iter().flatten().chain([Self::Portable]).chain(official.map(Self::Official)).collect()
    }
}

impl Batch {
    /// The making of this batch's tokens, each of which counts as one operation.
    ///
    /// # Panics
    /// If the official signer does not take the keys.
    #[must_use]
    pub fn operation(self, code: Code) -> Operation {
        let Self { tokens, threads } = self;
        let accounts = tokens.min(ACCOUNTS);
        let signers: Vec<TokenSigner> = (0..accounts).map(signer).collect();
        let repeats = u32::try_from(tokens).expect("no batch is that large");
        let deadlines: Vec<UnixSeconds> = (0..tokens).map(deadline).collect();
        let level = match code {
            Code::Avx512 => Level::Avx512,
            Code::Avx2 => Level::Avx2,
            Code::Portable | Code::Official(_) => Level::Portable,
        };
        match code {
            Code::Avx512 | Code::Avx2 | Code::Portable => {
                Operation::repeated("keyward-lighter/batch", repeats, move || {
                    limit(level);
                    let requests: Vec<_> = signers.iter().cycle().zip(deadlines.iter().copied()).collect();
                    shared(threads, &requests, |share| {
                        let each = |token| {
                            black_box(token);
                        };
                        sign_tokens(black_box(share), &mut SysRng, each).expect("the system has randomness");
                    });
                    limit(Level::Avx512);
                })
            }
            Code::Official(official) => {
                for signer in &signers {
                    let key = private_key_text(signer.signing_key());
                    official
                        .create_client(&key, signer.account_index(), signer.api_key_index())
                        .expect("the official signer takes the key");
                }
                Operation::repeated("lighter-signer/batch", repeats, move || {
                    let requests: Vec<_> = signers.iter().cycle().zip(deadlines.iter().copied()).collect();
                    shared(threads, &requests, |share| {
                        for (signer, deadline) in share {
                            let token =
                                official.create_auth_token(*deadline, signer.account_index(), signer.api_key_index());
                            black_box(token.expect("the official signer has the key"));
                        }
                    });
                })
            }
        }
    }
}

/// Hands `work` the requests in as many shares as there are threads, each on one, the first on this one.
fn shared<T: Sync>(threads: usize, requests: &[T], work: impl Fn(&[T]) + Sync) {
    let share = requests.len().div_ceil(threads).next_multiple_of(SHARE_UNIT);
    let mut shares = requests.chunks(share);
    let own = shares.next().expect("a batch has a token");
    thread::scope(|scope| {
        for share in shares {
            scope.spawn(|| work(share));
        }
        work(own);
    });
}

fn signer(number: usize) -> TokenSigner {
    let seed = [b"keyward benches: for no other use".as_slice(), &number.to_le_bytes()].concat();
    let key = SigningKey::from_seed(&seed).expect("32 bytes and more");
    let account_index = AccountIndex::new(281_474_976_700_000 + number as u64).expect("below 2^48 - 1");
    TokenSigner::new(key, account_index, ApiKeyIndex::READ_ONLY_AUTH)
}

fn deadline(number: usize) -> UnixSeconds {
    UnixSeconds::new(1_700_028_800 + 21_600 * (number / ACCOUNTS) as u64).expect("in range")
}
