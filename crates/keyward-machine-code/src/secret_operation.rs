use std::cell::RefCell;
use std::hint::black_box;
use std::rc::Rc;

use keyward_ecgfp5::{Point, Scalar};
use keyward_schnorr::{MessageHash, SigningKey};

use crate::FixedRng;

/// What an operation's secret input is made of.
pub type Secret = [u8; 64];

/// Something to do with a secret, from the outside: to be timed or traced.
pub struct SecretOperation {
    /// In words.
    pub name: &'static str,
    /// What shows of the secret, on purpose.
    pub leak: Leak,
    /// Whether it does the same thing many times at once.
    pub is_batch: bool,
    /// Takes in the secret; not looked at.
    pub prepare: Box<dyn FnMut(&Secret)>,
    /// Does the operation.
    pub run: Box<dyn FnMut()>,
}

/// What an operation shows of its secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leak {
    /// Nothing, if all is well.
    Nothing,
    /// Jumps, and with them the time.
    Jumps,
    /// Addresses, but no jump.
    Addresses,
}

impl SecretOperation {
    /// An operation on what `prepare` makes of the secret, which is put in one place for all of them.
    fn new<T: 'static>(
        name: &'static str,
        mut prepare: impl FnMut(&Secret) -> T + 'static,
        mut run: impl FnMut(&T) + 'static,
    ) -> Self {
        let place = Rc::new(RefCell::new(prepare(&[0; 64])));
        let prepared = Rc::clone(&place);
        Self {
            name,
            leak: Leak::Nothing,
            is_batch: false,
            prepare: Box::new(move |secret| *place.borrow_mut() = prepare(secret)),
            run: Box::new(move || run(black_box(&prepared.borrow()))),
        }
    }
}

/// All there are, those that leak last.
pub fn operations() -> [SecretOperation; 5] {
    [multiply_generator(), sign(), sign_batch(), double_often(), look_up()]
}

fn multiply_generator() -> SecretOperation {
    SecretOperation::new("multiply the generator", scalar, |k| {
        black_box(Point::mul_generator(k));
    })
}

/// Key and randomness are secret, the message is not.
fn sign() -> SecretOperation {
    let message = MessageHash::of_text(b"1795248000:5:253").expect("ASCII");
    SecretOperation::new("sign", key_and_randomness, move |(key, rng)| {
        black_box(key.sign(&message, &mut *rng.borrow_mut()).expect("this generator never fails"));
    })
}

/// Eight at a time.
fn sign_batch() -> SecretOperation {
    let message = MessageHash::of_text(b"1795248000:5:253").expect("ASCII");
    let batch = SecretOperation::new("sign a batch of 8", key_and_randomness, move |(key, rng)| {
        keyward_schnorr::sign_batch(&[(key, message); 8], &mut *rng.borrow_mut(), |signature| {
            black_box(signature);
        })
        .expect("this generator never fails");
    });
    SecretOperation { is_batch: true, ..batch }
}

/// As often as a byte of the secret says.
fn double_often() -> SecretOperation {
    let leak = SecretOperation::new(
        "double a point a secret number of times",
        |secret| secret[0],
        |byte| {
            black_box(Point::GENERATOR.double_times((*byte).into()));
        },
    );
    SecretOperation { leak: Leak::Jumps, ..leak }
}

fn look_up() -> SecretOperation {
    let table = [7_u32; 256];
    let leak = SecretOperation::new(
        "look a byte up",
        |secret| secret[0],
        move |byte| {
            black_box(black_box(&table)[usize::from(*byte)]);
        },
    );
    SecretOperation { leak: Leak::Addresses, ..leak }
}

/// 1 for a secret of zeros.
fn scalar(secret: &Secret) -> Scalar {
    Scalar::from_bytes_mod_order_wide(secret) + Scalar::ONE
}

fn key_and_randomness(secret: &Secret) -> (SigningKey, RefCell<FixedRng>) {
    let key = SigningKey::from_bytes(&scalar(secret).to_bytes()).expect("not 0");
    (key, RefCell::new(FixedRng::new(u64::from_le_bytes(*secret.first_chunk().expect("64 bytes")))))
}
