//! Signatures made ahead verify, no ephemeral scalar is used twice, and a forked child has none.

use std::collections::HashSet;
use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::thread;

use getrandom::SysRng;
use keyward_ecgfp5::{Point, Scalar};
use keyward_schnorr::{AheadError, AheadSigner, MessageHash, PrepareError, SigningKey};
use rand_core::{TryCryptoRng, TryRng};

fn signer(capacity: usize) -> AheadSigner {
    AheadSigner::new(SigningKey::from_seed(&[7; 32]).expect("32 bytes"), capacity)
}

fn message(number: usize) -> MessageHash {
    MessageHash::of_text(number.to_string().as_bytes()).expect("ASCII")
}

/// The commitment s·G + e·Q of a signature that is right.
fn commitment(signer: &AheadSigner, number: usize) -> Result<[u8; 40], AheadError> {
    let message = message(number);
    let signature = signer.sign(&message)?;
    signer.verifying_key().verify(&message, &signature).expect("a right signature");
    let bytes = signature.to_bytes();
    let [s, e] = [0, 40]
        .map(|start| Scalar::from_bytes(bytes[start..start + 40].try_into().expect("40 bytes")).expect("canonical"));
    let key =
        Point::decode(&keyward_goldilocks::Fp5::from_bytes(&signer.verifying_key().to_bytes()).expect("canonical"));
    Ok(Point::mul_generator_add_vartime(&s, &e, &key.expect("a point")).encode().to_bytes())
}

/// Always the same bytes.
struct Stuck;

impl TryRng for Stuck {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(0)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(0)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.fill(0);
        Ok(())
    }
}

impl TryCryptoRng for Stuck {}

/// Works so many times.
struct Failing(usize);

impl TryRng for Failing {
    type Error = io::Error;

    fn try_next_u32(&mut self) -> Result<u32, io::Error> {
        unreachable!("only bytes are asked for")
    }

    fn try_next_u64(&mut self) -> Result<u64, io::Error> {
        unreachable!("only bytes are asked for")
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), io::Error> {
        self.0 = self.0.checked_sub(1).ok_or(io::ErrorKind::Other)?;
        bytes.fill(self.0 as u8);
        Ok(())
    }
}

impl TryCryptoRng for Failing {}

#[test]
fn each_pair_signs_once() {
    let signer = signer(5);
    assert_eq!(signer.sign(&message(0)), Err(AheadError::NotPrepared));
    for (asked, there) in [(3, 3), (2, 3), (4, 4), (100, 5), (100, 5)] {
        signer.prepare(asked, &mut SysRng).expect("the system has randomness");
        assert_eq!(signer.prepared(), there);
    }
    let commitments: HashSet<[u8; 40]> = (0..5).map(|number| commitment(&signer, number).expect("prepared")).collect();
    assert_eq!(commitments.len(), 5);
    assert_eq!(signer.prepared(), 0);
    assert_eq!(signer.sign(&message(5)), Err(AheadError::NotPrepared));
    signer.prepare(1, &mut SysRng).expect("the system has randomness");
    assert!(!commitments.contains(&commitment(&signer, 0).expect("prepared")));
}

#[test]
fn a_generator_that_repeats_itself_repeats_no_scalar_in_a_process() {
    let mut commitments = HashSet::new();
    for signer in [signer(20), signer(20)] {
        for round in 0..3 {
            signer.prepare(20, &mut Stuck).expect("never fails");
            for number in 0..20 {
                assert!(commitments.insert(commitment(&signer, number).expect("prepared")), "{round}, {number}");
            }
        }
    }
}

#[test]
fn a_generator_that_fails_leaves_what_was_made() {
    let signer = signer(20);
    let error = signer.prepare(20, &mut Failing(11)).expect_err("fails");
    assert!(matches!(error, PrepareError::Random(_)));
    assert_eq!(error.to_string(), "no randomness to prepare signatures from");
    assert!(error.source().is_some());
    assert_eq!(signer.prepared(), 11);
    for number in 0..11 {
        commitment(&signer, number).expect("prepared");
    }
}

#[test]
#[cfg_attr(target_family = "wasm", ignore = "no threads")]
fn threads_share_the_pairs() {
    let signer = signer(80);
    let commitments: Vec<[u8; 40]> = thread::scope(|scope| {
        let preparing: Vec<_> = (0..2)
            .map(|_| scope.spawn(|| signer.prepare(64, &mut SysRng).expect("the system has randomness")))
            .collect();
        preparing.into_iter().for_each(|thread| thread.join().expect("no panic"));
        assert_eq!(signer.prepared(), 64);
        let signing: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| (0..).map_while(|number| commitment(&signer, number).ok()).collect::<Vec<_>>()))
            .collect();
        signing.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
    });
    assert_eq!(commitments.len(), 64);
    assert_eq!(commitments.iter().collect::<HashSet<_>>().len(), 64);
}

#[test]
fn it_shows_nothing_secret() {
    let signer = signer(2);
    signer.prepare(2, &mut SysRng).expect("the system has randomness");
    let expected = format!("AheadSigner {{ verifying_key: {:?}, prepared: 2, .. }}", signer.verifying_key());
    assert_eq!(format!("{signer:?}"), expected);
    assert_eq!(AheadError::NotPrepared.to_string(), "no signature is prepared");
    assert_eq!(AheadError::Forked.to_string(), PrepareError::<Infallible>::Forked.to_string());
}

#[cfg(all(unix, not(miri)))]
#[test]
fn a_forked_child_is_refused() {
    #[expect(unsafe_code, reason = "foreign functions")]
    unsafe extern "C" {
        fn fork() -> i32;
        fn waitpid(process: i32, status: *mut i32, options: i32) -> i32;
        fn _exit(status: i32) -> !;
    }

    let signer = signer(4);
    signer.prepare(4, &mut SysRng).expect("the system has randomness");
    let message = message(1);
    #[expect(unsafe_code, reason = "foreign functions")]
    // SAFETY: other threads of this program may hold locks when it is forked. The child takes none and does not allocate: it
    // asks for its process id and ends.
    let child = unsafe { fork() };
    if child == 0 {
        let refused = signer.prepared() == 0
            && signer.sign(&message) == Err(AheadError::Forked)
            && signer.prepare(5, &mut Stuck) == Err(PrepareError::Forked);
        #[expect(unsafe_code, reason = "foreign functions")]
        // SAFETY: it ends the process, without the exit handlers of the parent.
        unsafe {
            _exit(if refused { 42 } else { 1 })
        }
    }
    assert!(child > 0, "fork: {}", io::Error::last_os_error());
    let mut status = 0;
    #[expect(unsafe_code, reason = "foreign functions")]
    // SAFETY: the pointer is valid for the call.
    let waited = unsafe { waitpid(child, &mut status, 0) };
    assert_eq!(waited, child);
    assert_eq!(status, 42 << 8, "the child was refused");
    // The parent goes on.
    assert_eq!(signer.prepared(), 4);
    commitment(&signer, 1).expect("prepared");
}
