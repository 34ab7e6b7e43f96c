use alloc::boxed::Box;
use core::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::ZeroizeOnDrop;

use crate::{KeyDigest, LinkDigest, LinkToken, PepperId, PresentedKey};

const KEY_LABEL: &[u8] = b"keyward/key/v1\0";
const LINK_LABEL: &[u8] = b"keyward/link/v1\0";

/// A secret that goes into every digest, so that who steals the store alone cannot even test a guess; and its name.
///
/// Kept is the keyed state of the MAC, wiped on drop, and not the secret itself.
pub struct Pepper {
    id: PepperId,
    keyed: Box<Hmac<Sha256>>,
}

impl Pepper {
    /// The fewest bytes of a secret: 32. They should be random; no check can tell.
    pub const MIN_LEN: usize = 32;

    /// The pepper named `id`. The caller wipes `secret`.
    ///
    /// # Errors
    /// - `secret` has fewer than 32 bytes
    pub fn new(id: PepperId, secret: &[u8]) -> Result<Self, PepperTooShort> {
        if secret.len() < Self::MIN_LEN {
            return Err(PepperTooShort);
        }
        // HMAC takes keys of any length.
        let keyed = Hmac::new_from_slice(secret).map_err(|_| PepperTooShort)?;
        Ok(Self { id, keyed: Box::new(keyed) })
    }

    /// The name.
    pub const fn id(&self) -> PepperId {
        self.id
    }

    fn key_digest(&self, key: PresentedKey<'_>) -> KeyDigest {
        KeyDigest::peppered(self.id, self.mac(KEY_LABEL, key.expose_secret()))
    }

    fn link_digest(&self, token: &LinkToken) -> LinkDigest {
        LinkDigest::peppered(self.id, self.mac(LINK_LABEL, token.expose_secret()))
    }

    fn mac(&self, label: &[u8], text: &str) -> [u8; 32] {
        Hmac::clone(&self.keyed).chain_update(label).chain_update(text).finalize().into_bytes().into()
    }
}

/// The name alone.
impl fmt::Debug for Pepper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pepper").field("id", &self.id).finish_non_exhaustive()
    }
}

impl ZeroizeOnDrop for Pepper {}

/// A pepper's secret of fewer than 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("pepper of fewer than {} bytes", Pepper::MIN_LEN)]
pub struct PepperTooShort;

/// Whether plain SHA-256 digests count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PlainDigests {
    /// A key is looked up by its peppered digests only.
    Refuse,
    /// A key of a profile that [has them](crate::KeyProfile::has_plain_digests) is looked up by its plain SHA-256 too: for
    /// keys that were hashed elsewhere.
    Accept,
}

/// The peppers in use, two at most: the current one, with which digests are made, and the one before, whose digests still
/// count.
///
/// ```
/// use keyward_apikey::{KeyProfile, Pepper, PepperId, Peppers, PlainDigests, RawKey};
/// # use getrandom::SysRng;
///
/// let old = Pepper::new(PepperId::new("2026-1")?, &[1; 32])?; // in truth: random, from a file or a vault
/// let peppers = Peppers::new(old, PlainDigests::Refuse);
/// let key = RawKey::generate(KeyProfile::Keyward, &mut SysRng)?;
/// let stored = peppers.digest(key.as_presented());
///
/// // Next year: the stored digest is found by the second candidate, and can be replaced.
/// let peppers = peppers.rotate(Pepper::new(PepperId::new("2027-1")?, &[2; 32])?)?;
/// assert_eq!(peppers.candidates(key.as_presented()).position(|digest| digest == stored), Some(1));
/// assert!(!peppers.is_current(&stored));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Peppers {
    current: Pepper,
    previous: Option<Pepper>,
    plain: PlainDigests,
}

impl Peppers {
    /// One pepper, and whether plain digests count beside it.
    pub const fn new(current: Pepper, plain: PlainDigests) -> Self {
        Self { current, previous: None, plain }
    }

    /// With the pepper that was current before.
    ///
    /// # Errors
    /// - it has the current one's name
    pub fn with_previous(self, previous: Pepper) -> Result<Self, RepeatedPepperId> {
        if previous.id == self.current.id {
            return Err(RepeatedPepperId);
        }
        Ok(Self { previous: Some(previous), ..self })
    }

    /// With `next` as the current pepper, and the current one as the previous. Digests of the one before that count no more.
    ///
    /// # Errors
    /// - `next` has the name of a pepper in use
    pub fn rotate(self, next: Pepper) -> Result<Self, RepeatedPepperId> {
        if self.previous.as_ref().is_some_and(|previous| previous.id == next.id) {
            return Err(RepeatedPepperId);
        }
        Self::new(next, self.plain).with_previous(self.current)
    }

    /// What to store of a new key.
    pub fn digest(&self, key: PresentedKey<'_>) -> KeyDigest {
        self.current.key_digest(key)
    }

    /// What to store of a new link.
    pub fn link_digest(&self, token: &LinkToken) -> LinkDigest {
        self.current.link_digest(token)
    }

    /// The digests by which a presented key may be stored, likeliest first: under the current pepper, under the previous, and
    /// plain. Each is made when it is asked for; three at most.
    pub const fn candidates<'a>(&'a self, key: PresentedKey<'a>) -> Candidates<'a> {
        Candidates { peppers: self, key, next: Step::Current }
    }

    /// The digests by which a presented link token may be stored: under the current pepper, and under the previous.
    pub fn link_candidates<'a>(&'a self, token: &'a LinkToken) -> impl Iterator<Item = LinkDigest> + use<'a> {
        core::iter::once(&self.current).chain(&self.previous).map(move |pepper| pepper.link_digest(token))
    }

    /// Whether a digest was made with the current pepper. One that was not can be replaced when its key is presented:
    /// [`KeyAction::Rehash`](crate::KeyAction::Rehash).
    pub fn is_current(&self, digest: &KeyDigest) -> bool {
        digest.pepper() == Some(self.current.id)
    }
}

/// The iterator of [`Peppers::candidates`].
#[derive(Debug, Clone)]
pub struct Candidates<'a> {
    peppers: &'a Peppers,
    key: PresentedKey<'a>,
    next: Step,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Current,
    Previous,
    Plain,
    End,
}

impl Iterator for Candidates<'_> {
    type Item = KeyDigest;

    fn next(&mut self) -> Option<KeyDigest> {
        loop {
            let (digest, next) = match (self.next, self.peppers.plain) {
                (Step::Current, _) => (Some(self.peppers.current.key_digest(self.key)), Step::Previous),
                (Step::Previous, _) => {
                    let previous = self.peppers.previous.as_ref();
                    (previous.map(|previous| previous.key_digest(self.key)), Step::Plain)
                }
                (Step::Plain, PlainDigests::Accept) => (KeyDigest::plain(self.key), Step::End),
                (Step::Plain, PlainDigests::Refuse) => (None, Step::End),
                (Step::End, _) => return None,
            };
            self.next = next;
            if digest.is_some() {
                return digest;
            }
        }
    }
}

impl core::iter::FusedIterator for Candidates<'_> {}

/// Two peppers in use with one name: a digest would not tell which it was made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("another pepper in use has this name")]
pub struct RepeatedPepperId;
